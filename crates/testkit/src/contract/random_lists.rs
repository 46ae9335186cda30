//! Any question, asked of the store under test and of the memory.

use std::sync::Arc;

use domain_kernel::query::{Condition, ListQuery, OrderBy, Test, Window, filters, orderable};
use domain_kernel::{Cursor, OpContext, RECORD_FIELDS, Record, Store, Value, fold};
use domain_sales::{Company, Contact, DealStage, Lead, Opportunity, Pipeline, SalesWork};
use proptest::prelude::*;
use proptest::sample::Index;
use proptest::strategy::ValueTree;
use proptest::test_runner::{Config, TestRunner};

use super::{Fixture, Sampled};
use crate::MemoryStore;
use crate::memory::Stored;

/// Questions for each resource.
const CASES: usize = 64;

/// A question before it is known which rows there are.
#[derive(Debug, Clone)]
struct Draft {
    /// Which filter, with which row's value.
    conditions: Vec<(Index, Index)>,
    /// Which row's which field, from which character, how many.
    words: Vec<(Index, Index, Index, usize)>,
    /// Which fields, and whether descending.
    ordering: Vec<(Index, bool)>,
    deleted: bool,
    size: i64,
    part: Part,
}

#[derive(Debug, Clone)]
enum Part {
    Page(i64),
    Beginning,
    /// Beside a row; the first value of the cursor is perhaps another row's, as a client could
    /// have it that kept a cursor while the row was written.
    Beside {
        row: Index,
        other: Option<Index>,
        backwards: bool,
    },
}

fn draft() -> impl Strategy<Value = Draft> {
    let condition = (any::<Index>(), any::<Index>());
    let word = (any::<Index>(), any::<Index>(), any::<Index>(), 1..4_usize);
    let part = prop_oneof![
        (1..5_i64).prop_map(Part::Page),
        Just(Part::Beginning),
        (any::<Index>(), any::<Option<Index>>(), any::<bool>())
            .prop_map(|(row, other, backwards)| Part::Beside { row, other, backwards }),
    ];
    (
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(condition, 1..3)],
        prop_oneof![2 => Just(vec![]), 1 => prop::collection::vec(word, 1..3)],
        prop::collection::vec((any::<Index>(), any::<bool>()), 0..4),
        prop::bool::weighted(0.2),
        1..8_i64,
        part,
    )
        .prop_map(|(conditions, words, ordering, deleted, size, part)| Draft {
            conditions,
            words,
            ordering,
            deleted,
            size,
            part,
        })
}

impl Draft {
    /// The question, once there are rows.
    fn query<T: Sampled>(&self, rows: &[Record<T>]) -> ListQuery {
        // None where the row has no value to be before or after.
        let condition = |(filter, row): &(Index, Index)| {
            let filters = filters::<T>();
            let (_, field, test) = *filter.get(&filters);
            let value = row.get(rows).value(field.name).unwrap_or(Value::Null);
            let meant = test == Test::Equal || value != Value::Null;
            meant.then_some(Condition { field, test, value })
        };
        let ordering = self.ordering::<T>();
        let window = match &self.part {
            Part::Page(number) => Window::Page { number: *number, size: self.size },
            Part::Beginning => Window::Keyset { from: None, size: self.size },
            Part::Beside { row, other, backwards } => {
                let mut cursor = Cursor::beside(row.get(rows), &ordering, *backwards);
                if let Some(other) = other {
                    let other = Cursor::beside(other.get(rows), &ordering, *backwards);
                    cursor.values[0] = other.values[0].clone();
                }
                Window::Keyset { from: Some(cursor), size: self.size }
            }
        };
        ListQuery {
            conditions: self.conditions.iter().filter_map(condition).collect(),
            words: self.words.iter().filter_map(|word| part_of_a_text(word, rows)).collect(),
            ordering,
            deleted: self.deleted,
            window,
        }
    }

    fn ordering<T: Sampled>(&self) -> Vec<OrderBy> {
        let fields: Vec<_> = orderable::<T>().collect();
        let mut ordering: Vec<OrderBy> = Vec::new();
        let last = (&RECORD_FIELDS[0], false);
        let wanted =
            self.ordering.iter().map(|(field, descending)| (*field.get(&fields), *descending));
        for (field, descending) in wanted.chain([last]) {
            if ordering.iter().all(|step| step.field.name != field.name) {
                ordering.push(OrderBy { field, descending });
            }
        }
        ordering
    }
}

/// A few characters of a searched field, folded, as the search of a request gives them.
fn part_of_a_text<T: Sampled>(
    (row, field, from, length): &(Index, Index, Index, usize),
    rows: &[Record<T>],
) -> Option<String> {
    let searched: Vec<_> = T::FIELDS.iter().filter(|field| field.searched).collect();
    let Some(Value::Text(text)) = row.get(rows).value(field.get(&searched).name) else {
        return None;
    };
    let characters: Vec<char> = fold(&text).chars().collect();
    if characters.is_empty() {
        return None;
    }
    let from = from.index(characters.len());
    let part: String = characters[from..].iter().take(*length).collect();
    part.split_whitespace().next().map(str::to_owned)
}

/// Lists answer any question as the memory does.
pub async fn lists_answer_any_question_as_the_memory_does(fixture: &Fixture) {
    compare::<Company>(fixture).await;
    compare::<Contact>(fixture).await;
    compare::<Lead>(fixture).await;
    compare::<Pipeline>(fixture).await;
    compare::<DealStage>(fixture).await;
    compare::<Opportunity>(fixture).await;
}

async fn compare<T: Sampled + Stored>(fixture: &Fixture) {
    let ctx = fixture.member().await.ctx;
    let rows = fixture.populate::<T>(&ctx).await;
    let memory = MemoryStore::new(fixture.clock.clone());
    copy::<Company>(fixture, &ctx, &memory).await;
    copy::<Contact>(fixture, &ctx, &memory).await;
    copy::<Lead>(fixture, &ctx, &memory).await;
    copy::<Pipeline>(fixture, &ctx, &memory).await;
    copy::<DealStage>(fixture, &ctx, &memory).await;
    memory.load(rows.clone());
    let memory: Arc<dyn Store<dyn SalesWork>> = Arc::new(memory);
    let pair = Pair { fixture, memory, ctx };
    // The same questions in every run: a failure can be looked into.
    let mut runner = TestRunner::deterministic();
    let strategy = draft();
    for _ in 0..CASES {
        let mut tree = strategy.new_tree(&mut runner).expect("drafts are never rejected");
        let Some(mut difference) = pair.difference::<T>(&tree.current().query(&rows)).await else {
            continue;
        };
        // Look for the simplest question that is answered differently.
        for _ in 0..Config::default().max_shrink_iters.min(500) {
            let more = match pair.difference::<T>(&tree.current().query(&rows)).await {
                Some(simpler) => {
                    difference = simpler;
                    tree.simplify()
                }
                None => tree.complicate(),
            };
            if !more {
                break;
            }
        }
        panic!("a list answers as the memory does, but: {difference}");
    }
}

/// Copies the live rows of a resource into the memory: a link to another one leads nowhere in both.
async fn copy<T: Sampled + Stored>(fixture: &Fixture, ctx: &OpContext, memory: &MemoryStore) {
    let live = fixture.listed::<T>(ctx, &[]).await;
    memory.load(fixture.find_all(ctx, &live, domain_kernel::Which::Any).await);
}

/// The store under test and the memory, with the same rows.
struct Pair<'f> {
    fixture: &'f Fixture,
    memory: Arc<dyn Store<dyn SalesWork>>,
    ctx: OpContext,
}

impl Pair<'_> {
    /// How the answers to a question differ, if they do.
    async fn difference<T: Sampled>(&self, query: &ListQuery) -> Option<String> {
        let actual = self.fixture.list::<T>(&self.ctx, query).await;
        let mut work = self.memory.begin_read(&self.ctx).await.expect("the memory can be read");
        let expected = T::records(&mut *work).list(query).await.expect("the memory answers");
        work.commit().await.expect("a commit");
        let shown = |records: &[Record<T>]| {
            let shown: Result<Vec<_>, _> = records.iter().map(Record::json).collect();
            shown.expect("records can be shown")
        };
        let same = (actual.total, actual.more) == (expected.total, expected.more)
            && shown(&actual.records) == shown(&expected.records);
        (!same).then(|| {
            let brief = |records: &[Record<T>]| super::steps::ids(records);
            format!(
                "{query:#?}\ngives {:?}, total {:?}, more {}\ninstead of {:?}, total {:?}, more {}",
                brief(&actual.records),
                actual.total,
                actual.more,
                brief(&expected.records),
                expected.total,
                expected.more
            )
        })
    }
}
