//! What the demonstration trades in: things for the garden, for camping and for the winter.

use crate::season::Season::{self, Always, Spring, Summer, Winter};

/// A group of goods.
pub(crate) struct Department {
    /// What it is called.
    pub(crate) name: &'static str,
    /// The group that it is in; empty at the top.
    pub(crate) within: &'static str,
    /// What is in it.
    pub(crate) description: &'static str,
    /// When its goods are bought.
    pub(crate) season: Season,
    /// Who delivers them, as an index of [`SUPPLIERS`].
    pub(crate) supplier: usize,
    /// The rate of tax, in percent.
    pub(crate) tax: i64,
}

const fn department(
    (name, within): (&'static str, &'static str),
    description: &'static str,
    season: Season,
    supplier: usize,
    tax: i64,
) -> Department {
    Department { name, within, description, season, supplier, tax }
}

/// The groups; those at the top come before what is in them.
#[rustfmt::skip] // a table
pub(crate) static DEPARTMENTS: [Department; 18] = [
    department(("Garden", ""), "Everything that grows, and what it takes.", Spring, 0, 20),
    department(("Camping", ""), "Nights and meals outdoors.", Summer, 2, 20),
    department(("Winter", ""), "Snow, ice and cold days.", Winter, 4, 20),
    department(("Outdoor wear", ""), "Clothes and boots for any weather.", Always, 5, 20),
    department(("Equipment", ""), "Small things that one is glad to have along.", Always, 7, 20),
    department(("Seeds and bulbs", "Garden"), "Tested for germination, packed this season.", Spring, 0, 5),
    department(("Plant care", "Garden"), "Soil and food for beds, pots and lawns.", Spring, 0, 5),
    department(("Garden tools", "Garden"), "Forged steel and ash, made to be sharpened and mended.", Spring, 1, 20),
    department(("Watering", "Garden"), "Water where it is needed, and no more of it.", Spring, 1, 20),
    department(("Tents", "Camping"), "Tested in wind and rain; spare parts for ten years.", Summer, 2, 20),
    department(("Sleeping", "Camping"), "Warm nights, small packs.", Summer, 2, 20),
    department(("Camp kitchen", "Camping"), "Meals far from the kitchen.", Summer, 3, 20),
    department(("Packs and bags", "Camping"), "For a day or for a month.", Summer, 3, 20),
    department(("Snow sports", "Winter"), "For hills, forests and frozen lakes.", Winter, 4, 20),
    department(("Snow and ice", "Winter"), "For clear paths and safe steps.", Winter, 4, 20),
    department(("Winter wear", "Winter"), "Wool and down from farms that we know.", Winter, 5, 20),
    department(("Footwear", "Outdoor wear"), "Made to be resoled.", Always, 6, 20),
    department(("Lamps and tools", "Equipment"), "Light, a blade, and something hot to drink.", Always, 7, 20),
];

/// Who delivers: name, e-mail, phone, what is worth knowing.
#[rustfmt::skip] // a table
pub(crate) static SUPPLIERS: [(&str, &str, &str, &str); 8] = [
    ("Lowland Seed House", "orders@lowland-seeds.example", "+1 202 555 0110", "Orders until Wednesday come on Monday. Bulbs from August only."),
    ("Harrow & Tine Forge", "sales@harrow-tine.example", "+1 202 555 0121", "Hand-forged: four weeks for large orders."),
    ("Fjordline Outdoor", "b2b@fjordline.example", "+1 202 555 0132", "Freight is free from 2,000.00."),
    ("Brook & Barrel Supply", "hello@brook-barrel.example", "+1 202 555 0143", "Gas and food come with their own papers."),
    ("Nordhav Snow", "trade@nordhav.example", "+1 202 555 0154", "Order for the winter by June."),
    ("Loom & Fell Mills", "office@loom-fell.example", "+1 202 555 0165", "Closed in August."),
    ("Cairn Bootmakers", "orders@cairn-boots.example", "+1 202 555 0176", "Sizes 36 and 48 on demand."),
    ("Brightwater Instruments", "sales@brightwater.example", "+1 202 555 0187", "Two years of warranty, settled without questions."),
];

/// A kind of goods.
pub(crate) struct Article {
    /// The group that it is in.
    pub(crate) department: &'static str,
    /// What it is called.
    pub(crate) name: &'static str,
    /// What its first variant is sold for, in cents, before any raise.
    pub(crate) price: i64,
    /// By how much each further variant is dearer, in cents.
    pub(crate) step: i64,
    /// What it costs oneself, in percent of the price.
    pub(crate) cost: i64,
    /// What tells its variants apart, and the variants; separated by `; `.
    pub(crate) variants: (&'static str, &'static str),
    /// Months that it keeps; 0 for ever.
    pub(crate) keeps: i64,
    /// How well it sells.
    pub(crate) weight: i64,
    /// The most of it that one usually buys at once.
    pub(crate) most: i64,
}

const fn article(
    (department, name): (&'static str, &'static str),
    (price, step, cost): (i64, i64, i64),
    variants: (&'static str, &'static str),
    (keeps, weight, most): (i64, i64, i64),
) -> Article {
    Article { department, name, price, step, cost, variants, keeps, weight, most }
}

/// The goods.
#[rustfmt::skip] // a table
pub(crate) static ARTICLES: [Article; 64] = [
    article(("Seeds and bulbs", "Tulip bulbs Morning Mix"), (799, 600, 45), ("pack", "25 bulbs; 50 bulbs; 100 bulbs"), (10, 6, 20)),
    article(("Seeds and bulbs", "Daffodil bulbs Early Gold"), (699, 550, 45), ("pack", "25 bulbs; 50 bulbs; 100 bulbs"), (10, 4, 20)),
    article(("Seeds and bulbs", "Tomato seeds Red Lantern"), (299, 0, 35), ("pack", "20 seeds"), (24, 7, 40)),
    article(("Seeds and bulbs", "Wildflower meadow mix"), (899, 900, 40), ("area", "10 m²; 50 m²; 100 m²"), (24, 6, 15)),
    article(("Seeds and bulbs", "Lawn seed Shade and Sun"), (1295, 1700, 50), ("weight", "1 kg; 5 kg; 10 kg"), (24, 6, 12)),
    article(("Seeds and bulbs", "Herb seed set"), (1195, 0, 45), ("pack", "8 herbs"), (24, 5, 20)),
    article(("Plant care", "Potting soil"), (599, 400, 55), ("volume", "20 l; 40 l; 70 l"), (18, 9, 40)),
    article(("Plant care", "Tomato food"), (899, 500, 45), ("volume", "1 l; 2.5 l"), (24, 5, 15)),
    article(("Plant care", "Lawn food"), (1495, 1500, 50), ("weight", "5 kg; 10 kg; 20 kg"), (24, 5, 12)),
    article(("Plant care", "Compost starter"), (995, 0, 40), ("weight", "2 kg"), (24, 3, 10)),
    article(("Garden tools", "Pruning shears Finch"), (2995, 300, 50), ("size", "S; M; L"), (0, 7, 8)),
    article(("Garden tools", "Hedge shears Wren"), (4495, 0, 52), ("blade", "55 cm"), (0, 3, 4)),
    article(("Garden tools", "Spade Furrow"), (3995, 400, 52), ("handle", "75 cm; 85 cm; 95 cm"), (0, 5, 6)),
    article(("Garden tools", "Leaf rake"), (2295, 0, 48), ("width", "50 cm"), (0, 4, 6)),
    article(("Garden tools", "Wheelbarrow"), (11995, 3000, 60), ("volume", "85 l; 120 l"), (0, 2, 3)),
    article(("Garden tools", "Garden gloves"), (1295, 0, 42), ("size", "S; M; L; XL"), (0, 8, 24)),
    article(("Garden tools", "Bow saw"), (2495, 600, 50), ("blade", "53 cm; 76 cm"), (0, 2, 4)),
    article(("Watering", "Watering can"), (1795, 800, 48), ("volume", "5 l; 10 l"), (0, 5, 10)),
    article(("Watering", "Garden hose Brook"), (2495, 1500, 54), ("length", "15 m; 25 m; 50 m"), (0, 6, 6)),
    article(("Watering", "Sprinkler Arc"), (3295, 0, 50), ("radius", "12 m"), (0, 4, 5)),
    article(("Watering", "Rain barrel"), (5995, 2500, 58), ("volume", "100 l; 200 l; 300 l"), (0, 3, 3)),
    article(("Watering", "Drip watering set"), (4995, 3000, 52), ("plants", "20 plants; 50 plants"), (0, 3, 5)),
    article(("Tents", "Tent Skerry"), (24995, 6000, 58), ("persons", "2 persons; 3 persons; 4 persons"), (0, 5, 4)),
    article(("Tents", "Family tent Lagoon"), (49995, 9000, 60), ("persons", "5 persons; 6 persons"), (0, 2, 2)),
    article(("Tents", "Tarp Gannet"), (7995, 2000, 50), ("size", "3 × 3 m; 4 × 4 m"), (0, 4, 6)),
    article(("Tents", "Tent pegs"), (1495, 600, 40), ("pack", "10 pegs; 20 pegs"), (0, 6, 20)),
    article(("Sleeping", "Sleeping bag Summit"), (17995, 1500, 56), ("length", "regular; long"), (0, 4, 5)),
    article(("Sleeping", "Sleeping bag Breeze"), (8995, 1000, 52), ("length", "regular; long"), (0, 6, 8)),
    article(("Sleeping", "Foam mat"), (2995, 0, 45), ("size", "185 × 55 cm"), (0, 6, 12)),
    article(("Sleeping", "Air mat Drift"), (9995, 2000, 55), ("width", "55 cm; 65 cm"), (0, 4, 6)),
    article(("Sleeping", "Hammock Lull"), (5995, 1500, 48), ("persons", "1 person; 2 persons"), (0, 4, 6)),
    article(("Camp kitchen", "Gas stove Ember"), (4995, 0, 50), ("burners", "1 burner"), (0, 5, 6)),
    article(("Camp kitchen", "Gas cartridge"), (695, 400, 55), ("weight", "230 g; 450 g"), (48, 9, 40)),
    article(("Camp kitchen", "Cook set"), (3995, 2000, 50), ("persons", "2 persons; 4 persons"), (0, 5, 8)),
    article(("Camp kitchen", "Cool box"), (5995, 2500, 55), ("volume", "20 l; 35 l; 50 l"), (0, 4, 4)),
    article(("Camp kitchen", "Trail meal"), (795, 0, 48), ("dish", "Lentil curry; Mushroom risotto; Porridge; Bean chili"), (14, 9, 40)),
    article(("Camp kitchen", "Water filter Spring"), (3995, 0, 52), ("flow", "2 l/min"), (0, 4, 8)),
    article(("Packs and bags", "Day pack Heron"), (6995, 1000, 52), ("volume", "18 l; 24 l; 30 l"), (0, 6, 8)),
    article(("Packs and bags", "Trekking pack Ridgeline"), (15995, 2000, 56), ("volume", "45 l; 60 l; 75 l"), (0, 4, 4)),
    article(("Packs and bags", "Dry bag"), (1495, 500, 45), ("volume", "5 l; 10 l; 20 l; 40 l"), (0, 6, 16)),
    article(("Packs and bags", "Duffel Harbour"), (8995, 1500, 52), ("volume", "40 l; 70 l"), (0, 3, 5)),
    article(("Snow sports", "Wooden sled"), (6995, 1500, 55), ("length", "90 cm; 110 cm; 125 cm"), (0, 6, 5)),
    article(("Snow sports", "Snowshoes Hare"), (14995, 1000, 57), ("size", "S; M; L"), (0, 4, 5)),
    article(("Snow sports", "Cross-country skis Glide"), (24995, 1000, 60), ("length", "180 cm; 190 cm; 200 cm"), (0, 3, 4)),
    article(("Snow sports", "Ski poles"), (4995, 300, 50), ("length", "130 cm; 145 cm; 160 cm"), (0, 4, 8)),
    article(("Snow sports", "Ski goggles"), (5995, 0, 48), ("lens", "clear; amber"), (0, 4, 8)),
    article(("Snow and ice", "Snow shovel"), (3495, 800, 50), ("width", "40 cm; 55 cm"), (0, 8, 10)),
    article(("Snow and ice", "Grit without salt"), (995, 900, 55), ("weight", "10 kg; 25 kg"), (0, 8, 30)),
    article(("Snow and ice", "Ice grips"), (2495, 0, 45), ("size", "S; M; L"), (0, 7, 12)),
    article(("Snow and ice", "Fatwood kindling"), (895, 700, 45), ("weight", "1 kg; 3 kg"), (0, 5, 24)),
    article(("Winter wear", "Merino shirt"), (6995, 0, 50), ("size", "S; M; L; XL"), (0, 6, 10)),
    article(("Winter wear", "Down jacket Eider"), (21995, 0, 57), ("size", "S; M; L; XL"), (0, 4, 4)),
    article(("Winter wear", "Wool hat"), (2995, 0, 42), ("colour", "moss; navy; rust"), (0, 6, 16)),
    article(("Winter wear", "Winter gloves"), (4495, 0, 48), ("size", "S; M; L; XL"), (0, 6, 12)),
    article(("Outdoor wear", "Rain jacket Squall"), (12995, 0, 54), ("size", "S; M; L; XL"), (0, 5, 6)),
    article(("Outdoor wear", "Rain trousers Squall"), (7995, 0, 52), ("size", "S; M; L; XL"), (0, 4, 6)),
    article(("Outdoor wear", "Poncho"), (2495, 0, 42), ("size", "one size"), (0, 3, 20)),
    article(("Footwear", "Hiking boot Cairn"), (18995, 0, 56), ("size", "39; 41; 43; 45"), (0, 5, 3)),
    article(("Footwear", "Trail shoe Scree"), (12995, 0, 54), ("size", "39; 41; 43; 45"), (0, 5, 3)),
    article(("Footwear", "Rubber boot Puddle"), (4995, 0, 48), ("size", "38; 40; 42; 44"), (0, 4, 6)),
    article(("Lamps and tools", "Head torch Lynx"), (3995, 2000, 48), ("light", "300 lm; 600 lm"), (0, 7, 10)),
    article(("Lamps and tools", "Camp lantern"), (4495, 0, 50), ("light", "400 lm"), (0, 5, 8)),
    article(("Lamps and tools", "Pocket knife"), (3495, 1500, 48), ("tools", "6 tools; 12 tools"), (0, 6, 12)),
    article(("Lamps and tools", "Thermos flask"), (2995, 500, 46), ("volume", "0.5 l; 0.75 l; 1 l"), (0, 7, 16)),
];
