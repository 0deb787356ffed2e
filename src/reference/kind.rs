//! The kinds of reference data.

/// What an edition holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// HCPCS Level II codes and modifiers (CMS alpha-numeric file).
    Hcpcs,
    /// A list of procedure codes of any class: CPT, Addendum B, a charge master.
    Procedures,
    /// The physician fee schedule's relative values (CMS PPRRVU), by code and modifier.
    Pprrvu,
    /// ICD-10-CM diagnosis codes of one fiscal year.
    Icd10cm,
    /// NCCI procedure-to-procedure edits for practitioners.
    PtpPractitioner,
    /// NCCI procedure-to-procedure edits for outpatient hospitals.
    PtpOutpatient,
    /// Medically unlikely edits for practitioners.
    MuePractitioner,
    /// Medically unlikely edits for outpatient hospitals.
    MueOutpatient,
    /// Medically unlikely edits for suppliers of durable medical equipment.
    MueDme,
    /// NCCI add-on code edits.
    AddOn,
    /// Places of service.
    PlaceOfService,
    /// Modifiers of procedure codes.
    Modifiers,
    /// Provider taxonomy (NUCC).
    Taxonomy,
}

impl Kind {
    /// Every kind.
    pub const ALL: [Kind; 13] = [
        Kind::Hcpcs,
        Kind::Procedures,
        Kind::Pprrvu,
        Kind::Icd10cm,
        Kind::PtpPractitioner,
        Kind::PtpOutpatient,
        Kind::MuePractitioner,
        Kind::MueOutpatient,
        Kind::MueDme,
        Kind::AddOn,
        Kind::PlaceOfService,
        Kind::Modifiers,
        Kind::Taxonomy,
    ];

    /// The name that the command line and reports use.
    pub const fn name(self) -> &'static str {
        match self {
            Kind::Hcpcs => "hcpcs",
            Kind::Procedures => "procedures",
            Kind::Pprrvu => "pprrvu",
            Kind::Icd10cm => "icd10cm",
            Kind::PtpPractitioner => "ptp-practitioner",
            Kind::PtpOutpatient => "ptp-outpatient",
            Kind::MuePractitioner => "mue-practitioner",
            Kind::MueOutpatient => "mue-outpatient",
            Kind::MueDme => "mue-dme",
            Kind::AddOn => "add-on",
            Kind::PlaceOfService => "place-of-service",
            Kind::Modifiers => "modifiers",
            Kind::Taxonomy => "taxonomy",
        }
    }

    /// The kind with this name.
    pub fn from_name(name: &str) -> Option<Kind> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}
