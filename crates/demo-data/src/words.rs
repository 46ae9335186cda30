//! Words that are the same in every country. Lists are separated by `; `.

/// A line of business.
pub(crate) struct Industry {
    /// What it is called.
    pub(crate) name: &'static str,
    /// How common it is among the companies.
    pub(crate) weight: usize,
    /// What names of companies in it end with.
    pub(crate) trades: &'static str,
}

const fn industry(name: &'static str, weight: usize, trades: &'static str) -> Industry {
    Industry { name, weight, trades }
}

/// The lines of business.
#[rustfmt::skip] // a table
pub(crate) static INDUSTRIES: [Industry; 21] = [
    industry("Information technology", 13, "Software; Systems; Digital; Analytics; Data; Cloud"),
    industry("Manufacturing", 12, "Industries; Tools; Components; Precision; Castings; Machines"),
    industry("Wholesale", 9, "Trading; Supply; Wholesale; Imports; Distribution"),
    industry("Construction", 8, "Construction; Builders; Engineering; Roofing; Joinery"),
    industry("Retail", 8, "Stores; Outfitters; Home; Living; Books; Sports"),
    industry("Transport and logistics", 7, "Logistics; Freight; Shipping; Transport; Couriers"),
    industry("Healthcare", 7, "Health; Clinics; Care; Medical; Dental; Diagnostics"),
    industry("Food and beverages", 6, "Foods; Bakery; Roasters; Brewing; Dairy; Provisions"),
    industry("Consulting", 6, "Consulting; Advisory; Partners; Group; Associates"),
    industry("Financial services", 5, "Capital; Finance; Payments; Investments; Leasing"),
    industry("Marketing and media", 5, "Media; Studio; Creative; Publishing; Communications"),
    industry("Hospitality", 4, "Hotels; Catering; Events; Resorts; Kitchens"),
    industry("Real estate", 4, "Properties; Estates; Real Estate; Facilities"),
    industry("Energy", 4, "Energy; Solar; Power; Renewables; Heating"),
    industry("Education", 3, "Academy; Learning; Training; Institute"),
    industry("Automotive", 3, "Motors; Automotive; Fleet; Car Parts"),
    industry("Agriculture", 3, "Farms; Agri; Seeds; Orchards; Vineyards"),
    industry("Insurance", 2, "Insurance; Assurance; Risk; Brokers"),
    industry("Legal services", 2, "Legal; Law; Notaries; Patents"),
    industry("Pharmaceuticals", 2, "Pharma; Biotech; Labs; Life Sciences"),
    industry("Telecommunications", 2, "Telecom; Networks; Wireless; Fibre"),
];

/// How invented words begin.
pub(crate) const COINED_STARTS: &str = "Aev; Ard; Bel; Cal; Cor; Del; Elv; Fen; Gal; Hel; Inv; \
    Jun; Kal; Lum; Mer; Nov; Orv; Pel; Quil; Ren; Sol; Tal; Ulm; Vel; Wen; Xen; Yar; Zel";
/// How invented words end.
pub(crate) const COINED_ENDS: &str =
    "ara; evo; ian; ida; ium; onis; ora; antis; eon; ivo; ova; una; enta; osa; ilis";

/// First words of names with a picture in them.
pub(crate) const QUALITIES: &str = "Blue; Silver; Green; Red; Bright; Clear; Golden; High; Long; \
    Open; Quiet; Swift; True; Northern; Southern; Western; Coastal; Alpine; Summit; Granite; \
    Copper; Iron; Amber; Crystal";
/// Second words of names with a picture in them.
pub(crate) const PICTURES: &str = "Heron; Harbour; Oak; River; Bridge; Field; Lantern; Anchor; \
    Falcon; Meadow; Peak; Stone; Willow; Compass; Fox; Orchard; Beacon; Cedar; Crane; Gate; \
    Maple; Otter; Sail; Wheel; Thistle; Lake";

/// What a workspace may sort its contacts by, with how common each is.
#[rustfmt::skip] // a table
pub(crate) static TAGS: [(&str, usize); 16] = [
    ("newsletter", 24), ("decision-maker", 14), ("customer", 14), ("prospect", 12),
    ("trade-fair", 8), ("webinar", 8), ("technical", 7), ("procurement", 7),
    ("finance", 6), ("partner", 5), ("referral", 5), ("vip", 4),
    ("renewal-due", 4), ("champion", 3), ("do-not-call", 2), ("press", 1),
];

/// Where people have their e-mail who belong to no company.
pub(crate) const PRIVATE_MAIL: &str = "inbox.example; mail.example; post.example";
