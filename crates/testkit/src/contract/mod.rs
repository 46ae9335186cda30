//! The contract suites: what the docs of the ports promise, one function for each promise.
//!
//! An adapter makes a [`Fixture`] and lets a macro stamp a test for each promise:
//!
//! ```ignore
//! async fn make_store() -> Fixture { over_a_new_database().await }
//! testkit::sales_contract!(make_store);
//! ```
//!
//! The tests are tokio's, so that the adapter needs tokio (with `macros`, `rt-multi-thread` and
//! `time`) among its own development dependencies.

pub mod addresses;
pub mod catalog;
pub mod deals;
pub mod erasure;
mod every_list;
pub mod exchange;
pub mod failures;
pub mod files;
mod fixture;
pub mod idempotency;
pub mod identities;
pub mod invites;
pub mod leases;
pub mod limits;
pub mod links;
pub mod lists;
pub mod mailed_links;
pub mod many;
pub mod members;
pub mod order;
pub mod overview;
pub mod people;
pub mod plans;
pub mod queue;
mod random_lists;
pub mod rows;
mod samples;
pub mod schedules;
pub mod seals;
pub mod search;
pub mod second_factors;
mod steps;
pub mod stock;
pub mod tenants;
pub mod tokens;
pub mod trade;
pub mod trade_lists;
pub mod units;
pub mod workspaces;

pub use fixture::{AuditRow, Backdoor, Fixture};
pub use samples::{Ground, Sampled};
pub use steps::asked;

/// Stamps a test for each promise that a store of sales must keep.
///
/// `$make` names an `async fn() -> Fixture`. Expands to a module for each subject with a
/// `#[tokio::test]` for each promise: `rows::what_is_inserted_is_found_as_it_was` and so on.
#[macro_export]
macro_rules! sales_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, rows {
            what_is_inserted_is_found_as_it_was
            what_is_updated_is_found_as_it_was
            a_new_row_has_version_one_and_an_id_of_its_own
            instants_are_kept_to_the_microsecond
            text_that_folds_to_more_is_stored
            an_update_of_an_old_version_is_refused
            of_several_writers_of_one_version_each_is_heard
            a_deleted_row_is_found_only_when_asked_for
            a_restored_row_is_found_again
            find_gives_each_row_once_and_no_others
            existing_names_the_live_rows
        } }
        $crate::stamp_contract! { $make, lists {
            a_list_leaves_out_the_deleted_or_shows_only_them
            every_filter_finds_exactly_the_rows_that_match
            text_is_filtered_as_it_is_written
            filters_take_their_text_literally
            from_and_until_include_their_instant
            null_finds_the_rows_without_a_value
            all_conditions_must_hold
            a_page_tells_the_total_and_whether_more_follow
            a_page_past_the_end_is_empty
            lists_answer_any_question_as_the_memory_does
        } }
        $crate::stamp_contract! { $make, search {
            every_word_must_occur_in_some_searched_field
            a_word_may_be_any_part_of_a_text
            wildcards_are_taken_literally
            search_folds_case_and_composition_in_any_alphabet
            search_and_filters_hold_together
        } }
        $crate::stamp_contract! { $make, order {
            companies_are_ordered_by_every_field_either_way
            contacts_are_ordered_by_every_field_either_way
            leads_and_deals_are_ordered_by_every_field_either_way
            deleted_rows_are_ordered_by_when_they_were_deleted
            companies_are_walked_in_the_order_of_their_pages
            contacts_are_walked_in_the_order_of_their_pages
            deals_are_walked_in_the_order_of_their_pages
            a_walk_goes_on_from_where_a_row_was
        } }
        $crate::stamp_contract! { $make, links {
            a_link_is_hidden_while_its_row_is_deleted
            filters_and_order_see_a_hidden_link_as_null
            a_hidden_link_is_kept_by_an_update_of_other_fields
            a_link_into_another_workspace_is_refused
        } }
        $crate::stamp_contract! { $make, deals {
            a_deal_is_found_with_the_names_of_what_it_leads_to
            a_deal_of_nobody_of_the_workspaces_is_refused
            an_owner_who_has_left_stays
            what_deals_went_through_is_kept_as_it_was
            deals_are_put_in_stages_together
            deals_are_counted_while_they_are_there
            the_plan_says_how_many_deals_there_may_be
            a_member_has_a_name_and_nobody_else
            those_who_lock_the_deals_take_turns
            a_conversion_is_kept_with_its_lead
            activities_are_found_as_they_were
            notes_are_found_as_they_were
            attachments_are_found_as_they_were
            files_are_named_by_attachments
            a_record_is_there_while_it_is_not_deleted
            companies_and_contacts_are_known_by_what_they_are_called
        } }
        $crate::stamp_contract! { $make, many {
            many_rows_are_stored_in_their_order
            many_rows_are_stored_anew_together
            many_products_are_stored_in_their_order
            several_texts_find_the_rows_that_have_any_of_them
            contacts_are_found_by_both_their_names
            those_who_lock_the_customers_take_turns
        } }
        $crate::stamp_contract! { $make, tenants {
            rows_of_another_workspace_are_not_found
            rows_of_another_workspace_are_not_listed
            rows_of_another_workspace_do_not_exist
            rows_of_another_workspace_are_not_updated
        } }
        $crate::stamp_contract! { $make, units {
            a_unit_sees_what_it_wrote
            others_see_it_only_after_the_commit
            a_dropped_unit_leaves_no_row
            a_dropped_unit_leaves_no_journal
            a_dropped_unit_leaves_no_lock
            a_unit_goes_on_after_an_update_that_came_too_late
            a_unit_for_reading_sees_one_state
            everything_of_a_unit_is_committed_together
            what_was_done_since_a_mark_is_undone_alone
            the_journal_is_stored_in_full_and_in_order
        } }
        $crate::stamp_contract! { $make, idempotency {
            an_outcome_is_remembered_with_its_request
            another_request_under_the_key_is_told_apart
            nothing_is_remembered_without_a_key
            an_outcome_is_forgotten_with_its_unit
            an_outcome_is_forgotten_after_its_lifetime
            the_keys_of_others_are_others
            a_key_is_taken_while_its_unit_is_open
        } }
    };
}

/// Stamps a test for each promise that a store of the catalog must keep.
///
/// As [`sales_contract!`](crate::sales_contract).
#[macro_export]
macro_rules! catalog_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, catalog {
            every_filter_and_order_of_the_catalog_holds
            a_product_comes_with_its_variants_and_its_category
            a_variant_shows_its_last_prices
            a_path_is_stored_without_a_new_version
            files_are_named_by_products
            who_locks_the_catalog_waits
        } }
        $crate::stamp_contract! { $make, stock {
            a_promise_is_kept_lot_by_lot
            a_shortage_says_how_many_there_are
            racing_promises_give_what_there_is
        } }
    };
}

/// Stamps a test for each promise that a store of orders, and what follows from them, must keep.
///
/// As [`sales_contract!`](crate::sales_contract).
#[macro_export]
macro_rules! trade_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, trade {
            numbers_are_counted_without_gaps
            sold_variants_are_found
            an_order_comes_with_its_lines_and_its_contact
            lines_are_marked_with_their_order
            who_locks_the_orders_waits
            what_is_invoiced_is_summed_up
            a_payment_is_found_by_its_reference
            a_shipment_comes_with_its_parts
        } }
        $crate::stamp_contract! { $make, trade_lists {
            every_filter_and_order_of_trade_holds
        } }
        $crate::stamp_contract! { $make, overview {
            figures_are_of_what_is_there
            sums_are_given_day_by_day
        } }
        $crate::stamp_contract! { $make, exchange {
            a_rate_is_kept_exactly
            the_rates_between_currencies_are_those_up_to_a_day
        } }
    };
}

/// Stamps a test for each promise that a store of accounts must keep.
///
/// As [`sales_contract!`](crate::sales_contract).
#[macro_export]
macro_rules! accounts_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, people {
            a_registered_person_is_found_as_they_were
            a_person_is_found_by_name_or_email_in_any_case
            an_empty_login_is_nobodys
            a_taken_user_name_is_refused_and_the_unit_goes_on
            a_taken_email_is_refused_and_the_unit_goes_on
            nobody_takes_a_name_that_somebody_signs_in_with
            several_people_may_have_no_email
            a_person_is_updated_unless_somebody_was_faster
            an_update_to_a_taken_email_is_refused_and_the_unit_goes_on
            a_password_hash_is_replaced
            people_of_a_dropped_unit_are_not_registered
        } }
        $crate::stamp_contract! { $make, workspaces {
            a_workspace_is_found_by_id_slug_and_in_the_list
            a_taken_slug_gives_none_and_the_unit_goes_on
            every_set_of_roles_is_kept
            members_are_those_of_the_workspace
            memberships_come_in_the_order_of_joining
            functions_of_a_workspace_need_one
            a_unit_can_enter_one_workspace_after_another
            the_journal_of_several_workspaces_is_stored
            staff_act_where_they_are_no_members
            the_platforms_own_workspace_is_there
            a_unit_of_accounts_sees_one_state
        } }
        $crate::stamp_contract! { $make, members {
            a_member_who_is_made_is_found_as_they_were
            a_member_whose_name_is_taken_is_refused_and_the_unit_goes_on
            a_member_is_written_by_the_version_that_was_read
            a_removed_member_is_out_until_they_come_back
            a_role_counts_while_it_is_there
            another_workspaces_members_are_not_reached
            tokens_end_in_one_workspace_only
            the_trail_shows_what_was_journaled
            a_workspace_is_closed_and_opened
        } }
        $crate::stamp_contract! { $make, second_factors {
            a_second_factor_is_kept_and_deleted_with_its_codes
            a_recovery_code_is_taken_once
            a_workspace_says_whether_it_requires_a_second_factor
        } }
        $crate::stamp_contract! { $make, tokens {
            a_token_tells_its_member_until_it_is_revoked
            an_unknown_token_is_nobodys
            a_token_is_revoked_once
            a_session_ends_by_itself
            people_see_and_end_their_own_tokens
            all_tokens_of_a_person_are_revoked_together
            a_revocation_that_is_not_committed_does_not_count
        } }
        $crate::stamp_contract! { $make, addresses {
            an_address_is_known_of_who_signed_in_from_it
            an_address_is_forgotten_after_a_while
        } }
        $crate::stamp_contract! { $make, identities {
            an_identity_is_one_persons
            the_identities_of_a_person_are_forgotten_together
            a_sign_in_that_has_begun_is_taken_once
            another_address_is_not_verified
        } }
        $crate::stamp_contract! { $make, erasure {
            a_workspace_ends_with_everything_in_it
            an_end_that_is_not_committed_is_none
            a_unit_in_no_workspace_ends_none
        } }
        $crate::stamp_contract! { $make, seals {
            an_entry_is_unsealed_until_it_is_sealed
            the_chain_is_read_in_order
            a_place_and_an_entry_have_one_seal
        } }
        $crate::stamp_contract! { $make, invites {
            an_invitation_is_found_without_its_secret
            an_invitation_is_active_while_it_can_be_accepted
            a_link_leads_to_its_invitation
        } }
        $crate::stamp_contract! { $make, mailed_links {
            a_link_is_used_once_and_for_its_purpose
            a_link_ends_with_its_time
            the_links_of_a_person_end_together
            of_many_who_come_with_a_link_one_gets_it
        } }
        $crate::stamp_contract! { $make, plans {
            the_plans_are_those_that_are_sold
            a_new_workspace_may_use_the_free_plan
            a_subscription_counts_from_its_first_day
            the_last_subscription_counts
            an_inactive_subscription_does_not_count
            an_override_counts_before_the_plan
            a_feature_belongs_to_the_plans_that_it_names
            every_wish_is_in_one_queue
            an_expired_subscription_falls_back_to_the_free_plan
            one_workspaces_subscription_is_not_anothers
            outcomes_are_remembered_across_the_stores
        } }
    };
}

/// Stamps a test for each promise that a queue must keep.
///
/// As [`sales_contract!`](crate::sales_contract).
#[macro_export]
macro_rules! jobs_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, queue {
            a_job_comes_with_the_commit
            a_dropped_unit_leaves_no_job
            a_unit_enqueues_for_its_workspace_or_the_platforms
            a_commit_of_jobs_wakes_the_worker
            urgent_jobs_are_first_then_those_that_are_due_longest
            a_job_is_not_claimed_before_it_is_due
            only_known_kinds_are_claimed
            workspaces_take_turns
            racing_workers_claim_each_job_once
            a_unique_key_is_held_by_one_living_job
            racing_units_enqueue_one_job_under_a_key
            members_see_the_jobs_of_their_workspace
        } }
        $crate::stamp_contract! { $make, leases {
            a_held_job_is_nobody_elses
            a_beat_keeps_the_job
            only_the_holder_finishes
            effects_come_with_the_completion_or_not_at_all
            a_dropped_unit_completes_nothing
            a_failed_attempt_comes_again_when_it_is_time
            a_released_job_goes_to_the_next_worker
            a_dead_job_stays_until_it_is_replayed
            a_replay_keeps_unique_keys_unique
            a_cancelled_job_finishes_nothing
            old_jobs_are_forgotten_unless_they_are_dead
            operators_find_jobs
        } }
        $crate::stamp_contract! { $make, schedules {
            a_schedule_fires_when_it_is_due
            racing_workers_fire_a_schedule_once
            missed_times_are_made_up_for_once
            a_declaration_changes_what_differs
            workspaces_have_their_own_schedules
            only_known_kinds_are_fired
        } }
    };
}

/// Stamps a test for each promise of a limiter.
///
/// `$make` names an `async fn() -> contract::limits::Limits`.
#[macro_export]
macro_rules! limiter_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, limits {
            the_limit_is_granted_and_no_more
            keys_are_counted_apart
            a_window_ends_after_its_first_use
            a_penalty_begins_with_the_first_refusal
            the_first_refusal_ends_it
            no_demand_is_no_count
            at_the_same_time_exactly_the_limit_is_granted
            a_lower_limit_holds_at_once
        } }
    };
}

/// Stamps a test for each promise of a store of files.
///
/// `$make` names an `async fn() -> Shelf` ([`files::Shelf`]), with none in it.
#[macro_export]
macro_rules! files_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, files {
            what_was_put_is_there_as_it_was
            what_is_deleted_is_not_there
            workspaces_are_kept_apart
            many_files_are_all_listed_and_deleted
            it_says_where_files_are
        } }
    };
}

/// Stamps a test for each promise of what keeps the tallies of failed sign-ins.
///
/// `$make` names an `async fn() -> contract::failures::Failures`.
#[macro_export]
macro_rules! failed_sign_ins_contract {
    ($make:path) => {
        $crate::stamp_contract! { $make, failures {
            the_last_that_is_allowed_locks
            a_lock_ends_after_its_time
            failures_are_forgotten_after_their_window
            one_locked_key_counts_nothing_under_the_others
            what_is_cleared_is_forgotten_and_what_is_taken_back_is_one_less
            a_name_is_cleared_at_every_address
            at_the_same_time_no_more_than_allowed_are_let_through
        } }
    };
}

/// One test for each promise of one subject.
#[doc(hidden)]
#[macro_export]
macro_rules! stamp_contract {
    ($make:path, $subject:ident { $($promise:ident)+ }) => {
        mod $subject {
            #[allow(unused_imports, reason = "the path may be absolute")]
            use super::*;

            $(
                #[::tokio::test(flavor = "multi_thread", worker_threads = 2)]
                async fn $promise() {
                    $crate::contract::$subject::$promise(&$make().await).await;
                }
            )+
        }
    };
}
