//! What the generator draws from: codes by kind, faults by rule, invented names and texts.

/// The twenty columns that every export has.
pub const HEADER: [&str; 20] = [
    "claim_id",
    "line_number",
    "member_id",
    "payer",
    "service_date",
    "procedure_code",
    "modifier_1",
    "modifier_2",
    "modifier_3",
    "modifier_4",
    "units",
    "charge",
    "place_of_service",
    "rendering_npi",
    "billing_npi",
    "diagnosis_1",
    "diagnosis_2",
    "revenue_code",
    "description",
    "claim_type",
];

/// Office and other visits.
pub const VISITS: [&str; 16] = [
    "99202", "99203", "99204", "99205", "99211", "99212", "99213", "99214", "99215", "99232",
    "99283", "99284", "99385", "99396", "99490", "98005",
];
/// Laboratory.
pub const LABORATORY: [&str; 16] = [
    "80048", "80053", "80061", "81001", "81003", "82306", "82947", "83036", "84443", "85025",
    "85610", "86140", "87086", "87491", "87880", "88305",
];
/// Radiology.
pub const RADIOLOGY: [&str; 8] =
    ["70450", "71046", "72148", "73030", "74177", "76700", "77067", "78452"];
/// Surgery and anesthesia.
pub const SURGERY: [&str; 16] = [
    "10060", "11042", "11102", "12001", "17000", "17110", "20610", "29881", "36415", "43239",
    "45378", "45385", "66984", "69210", "00142", "01967",
];
/// Medicine.
pub const MEDICINE: [&str; 16] = [
    "90471", "90686", "90834", "90837", "92014", "92507", "93000", "93306", "94010", "95004",
    "96372", "97110", "97140", "97530", "98941", "99173",
];
/// HCPCS Level II.
pub const HCPCS: [&str; 16] = [
    "G0438", "G0439", "G0444", "G2211", "G0008", "J0696", "J1100", "J1885", "J3420", "J7030",
    "A0428", "A4253", "A6216", "E0601", "L3908", "Q2038",
];
/// Category II.
pub const CATEGORY_TWO: [&str; 20] = [
    "0500F", "0503F", "1036F", "1111F", "1125F", "1126F", "1159F", "1160F", "1170F", "2022F",
    "3008F", "3044F", "3046F", "3051F", "3074F", "3075F", "3078F", "3079F", "4004F", "4010F",
];
/// Category III, laboratory analyses of one maker, vaccine administration, dental.
pub const RARE: [&str; 12] = [
    "0075T", "0101T", "0213T", "0402T", "0623T", "0202U", "0240U", "0241U", "0002M", "0011A",
    "D0120", "D1110",
];

/// Modifiers of visits, of other services and of Category II codes. The empty ones are most.
pub const VISIT_MODIFIERS: [&str; 8] = ["", "", "", "", "", "", "25", "95"];
/// See [`VISIT_MODIFIERS`].
pub const SERVICE_MODIFIERS: [&str; 16] =
    ["", "", "", "", "", "", "", "", "", "", "59", "26", "TC", "LT", "RT", "GA"];
/// See [`VISIT_MODIFIERS`].
pub const MEASURE_MODIFIERS: [&str; 8] = ["", "", "", "", "", "", "1P", "8P"];

/// How many lines a claim has; each entry is as likely as any other.
pub const CLAIM_LINES: [u8; 24] =
    [1, 1, 1, 1, 1, 2, 2, 2, 2, 3, 3, 3, 3, 4, 4, 4, 5, 5, 6, 7, 8, 9, 10, 12];

/// Cells that mean "no value".
pub const MISSING: [&str; 9] = ["", "NULL", "n/a", "NA", "NaN", "None", "\\N", "-", "  "];
/// Codes with no repair. `@` stands for a five-digit code, `&` for a Category II code.
pub const MALFORMED: [&str; 20] = [
    "9921",
    "992133",
    "@/99214",
    "@;@",
    "PHONE",
    "NOSHOW",
    "E11.9",
    "Z9999",
    "LO438",
    "@ x2",
    "@-XX",
    "1E+05",
    "450.5",
    "00409-1234-01",
    "185345009",
    "@.",
    "９９２１３",
    "&&",
    "W0001",
    "2000",
];
/// Codes with exactly one repair, of every kind. Signs as in [`MALFORMED`].
pub const DAMAGED: [&str; 32] = [
    "@.0",
    "@.00",
    "142.0",
    "1967.0",
    "142",
    "0142",
    "1967",
    "0@",
    "000@",
    "'@",
    "'&",
    "=\"@\"",
    "=\"142\"",
    "CPT @",
    "CPT4-@",
    "cpt:@",
    "HC:J1885",
    "HC:@:25",
    "HCPCS G0438",
    "@-25",
    "@ 59",
    "@,25",
    "@:26",
    "@/59",
    "@^25",
    "@*59",
    "@-25-59",
    "@25",
    "&1P",
    "99O13",
    "9921I",
    "O500F",
];
/// Five digits in no section.
pub const OUTSIDE_ONE: [&str; 12] = [
    "00000", "00099", "02000", "05123", "09999", "10003", "69991", "70009", "80046", "89399",
    "99200", "99608",
];
/// Category II codes in no range.
pub const OUTSIDE_TWO: [&str; 12] = [
    "0000F", "0016F", "0499F", "0585F", "1506F", "2061F", "3005F", "3777F", "4564F", "5004F",
    "7026F", "9008F",
];

/// Invented payers.
pub const PAYERS: [&str; 8] = [
    "Harborview Mutual",
    "Northfield Health Plan",
    "Meadow Care",
    "Summit Assurance",
    "Riverbend Benefit Trust",
    "Juniper Health",
    "Lakeshore Medical Plan",
    "Orchard & Pine",
];

/// Places of service; the office is the most likely.
pub const PLACES: [&str; 8] = ["11", "11", "11", "11", "22", "21", "02", "81"];

/// Diagnoses.
pub const DIAGNOSES: [&str; 12] = [
    "I10", "E11.9", "E78.5", "Z00.00", "Z23", "M54.50", "J06.9", "K21.9", "F41.1", "N39.0",
    "R07.9", "S93.401A",
];

/// Revenue codes of institutional lines.
pub const REVENUE: [&str; 8] = ["0250", "0300", "0301", "0320", "0360", "0450", "0510", "0636"];

/// What a clerk might have typed: free text, some of it with what a CSV must quote.
pub const DESCRIPTIONS: [&str; 16] = [
    "",
    "",
    "",
    "booked by phone",
    "walk-in",
    "second slot of the morning",
    "seen in room 4",
    "moved from Tuesday",
    "form on file",
    "billed late; see note",
    "copy kept, page 2",
    "room 4, left wing, bed by the window",
    "patient asked for \"the usual\" slot",
    "note says \"call back\", twice",
    "à revoir – señalado",
    "checked | checked again",
];
