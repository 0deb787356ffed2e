//! The table of fields: every column of a claim export that claimlint knows by meaning.
//!
//! Names, header aliases and privacy of a field come from here and nowhere else. Aliases are
//! compared after [`normalize`]; the order of a field's aliases is their rank. Sources of the
//! aliases: the public layouts of Tuva, CMS (DE-SynPUF, RIF, CCLF), Synthea, OMOP and MIMIC, and
//! common practice-management exports.

use std::fmt;

/// What happens when several columns of one header match a field.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Several {
    /// The column whose alias ranks highest is used alone; mixing two would mix two meanings.
    UseBest,
    /// The first column that is not empty is used, line by line.
    FirstFilled,
}

/// What each of [`Field::OTHERS`] means.
macro_rules! other_column {
    () => {
        "a column that a rule of the user's names by its header"
    };
}

macro_rules! fields {
    ([$($other:ident $place:literal,)*]
     $($variant:ident $name:literal $several:ident $private:literal
       [$($alias:literal),* $(,)?] $meaning:literal;)*) => {
        /// A column of a claim export, by meaning.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        #[repr(u8)]
        pub enum Field { $(#[doc = $meaning] $variant,)* $(#[doc = other_column!()] $other,)* }

        impl Field {
            /// Every field that has a meaning, in the order of the table.
            pub const ALL: &'static [Field] = &[$(Field::$variant,)*];
            /// Fields for columns that no field stands for: a rule of the user's names one by its
            /// header. What is in such a column is not known, so it is private.
            pub const OTHERS: [Field; 16] = [$(Field::$other,)*];
            /// How many fields there are, with [`Field::OTHERS`].
            pub const COUNT: usize = Field::ALL.len() + Field::OTHERS.len();

            /// The canonical name: what configuration, findings and messages call the field. Only
            /// the configuration knows what the header calls one of [`Field::OTHERS`].
            pub const fn name(self) -> &'static str {
                match self { $(Field::$variant => $name,)* $(Field::$other => $place,)* }
            }

            /// Normalized header names that stand for this field, best first.
            pub const fn aliases(self) -> &'static [&'static str] {
                match self { $(Field::$variant => &[$($alias,)*],)* $(Field::$other => &[],)* }
            }

            /// What the field means, in half a sentence.
            pub const fn meaning(self) -> &'static str {
                match self {
                    $(Field::$variant => $meaning,)*
                    $(Field::$other => other_column!(),)*
                }
            }

            /// What to do when several columns match.
            pub const fn several(self) -> Several {
                match self {
                    $(Field::$variant => Several::$several,)*
                    $(Field::$other => Several::UseBest,)*
                }
            }

            /// Whether a value identifies or describes a patient, and is therefore never shown.
            pub const fn is_private(self) -> bool {
                match self { $(Field::$variant => $private,)* $(Field::$other => true,)* }
            }
        }
    };
}

fields! {
    [
        Other1 "other_1", Other2 "other_2", Other3 "other_3", Other4 "other_4", Other5 "other_5",
        Other6 "other_6", Other7 "other_7", Other8 "other_8", Other9 "other_9",
        Other10 "other_10", Other11 "other_11", Other12 "other_12", Other13 "other_13",
        Other14 "other_14", Other15 "other_15", Other16 "other_16",
    ]
    ClaimId "claim_id" UseBest false
        ["claimid", "clmid", "curclmuniqid", "claimnumber", "claimno", "claimnum", "claim", "icn",
         "dcn", "tcn", "patientcontrolnumber", "pcn", "accountnumber", "encounterid",
         "visitnumber", "visitno", "invoicenumber"]
        "the submitter's claim number; lines that share it are one claim";
    ServiceLine "service_line" UseBest false
        ["serviceline", "claimlinenumber", "clmlinenum", "linenumber", "linenum", "lineno", "line",
         "lineid", "linenbr", "seqnum", "sequence", "lx"]
        "the number of the service line within its claim";
    PatientId "patient_id" UseBest true
        ["patientid", "personid", "memberid", "beneid", "benembiid", "desynpufid", "subjectid",
         "mrn", "chartnumber", "chart", "patientaccount", "patientacctno", "subscriberid"]
        "the patient's number at the submitter";
    ProcedureCode "procedure_code" FirstFilled false
        ["procedurecode", "hcpcscode", "hcpcscd", "clmlinehcpcscd", "cptcode", "cpthcpcs", "cpt",
         "hcpcs", "proccode", "proccd", "procedure", "servicecode", "chargecode", "svccode",
         "proceduresourcevalue"]
        "the procedure code as billed (CPT, HCPCS Level II or CDT)";
    Modifier1 "modifier_1" UseBest false
        ["modifier1", "hcpcsmodifier1", "proceduremodifier1", "mod1", "m1", "modifierone",
         "hcpcs1stmdfrcd", "hcpcs1mdfrcd", "modifiersourcevalue", "modifiers", "modifier", "mod"]
        "the first procedure modifier, or all of them in one cell";
    Modifier2 "modifier_2" UseBest false
        ["modifier2", "hcpcsmodifier2", "proceduremodifier2", "mod2", "m2", "modifiertwo",
         "hcpcs2ndmdfrcd", "hcpcs2mdfrcd"]
        "the second procedure modifier";
    Modifier3 "modifier_3" UseBest false
        ["modifier3", "hcpcsmodifier3", "proceduremodifier3", "mod3", "m3", "modifierthree",
         "hcpcs3rdmdfrcd", "hcpcs3mdfrcd"]
        "the third procedure modifier";
    Modifier4 "modifier_4" UseBest false
        ["modifier4", "hcpcsmodifier4", "proceduremodifier4", "mod4", "m4", "modifierfour",
         "hcpcs4thmdfrcd", "hcpcs4mdfrcd"]
        "the fourth procedure modifier";
    ServiceDate "service_date" FirstFilled false
        ["servicedate", "claimlinestartdate", "line1stexpnsdt", "clmlinefromdt", "revcntrdt",
         "servicestartdate", "dosfrom", "dos", "begindos", "fromdateofservice", "fromdate",
         "proceduredate", "chartdate", "clmfromdt", "claimstartdate", "start"]
        "the first day of service of the line";
    ServiceEnd "service_end" FirstFilled false
        ["serviceend", "claimlineenddate", "linelastexpnsdt", "clmlinethrudt", "serviceenddate",
         "dosto", "enddos", "todateofservice", "todate", "thrudate", "clmthrudt", "claimenddate",
         "stop"]
        "the last day of service of the line";
    Units "units" UseBest false
        ["units", "unit", "serviceunitquantity", "linesrvccnt", "revcntrunitcnt",
         "clmlinesrvcunitqty", "servicecount", "procedurequantity", "quantity", "qty"]
        "how many times the service was given";
    Charge "charge" UseBest false
        ["charge", "chargeamount", "lineitemcharge", "linesbmtdchrgamt", "revcntrtotchrgamt",
         "charges", "billedamount", "billedcharge", "totalcharges", "amount", "fee"]
        "the amount billed for the line";
    PlaceOfService "place_of_service" UseBest false
        ["placeofservice", "placeofservicecode", "pos", "poscode", "lineplaceofsrvccd", "clmposcd",
         "facilitypos", "servicelocationplaceofservicecode"]
        "the two-digit place of service";
    RenderingNpi "rendering_npi" UseBest false
        ["renderingnpi", "renderingprovidernpi", "prfphysnnpi", "rndrngphysnnpi",
         "rndrgprvdrnpinum", "performingnpi", "servprovnpi", "npi"]
        "the NPI of the rendering provider";
    BillingNpi "billing_npi" UseBest false
        ["billingnpi", "billingprovidernpi", "carrclmblgnpinum", "orgnpinum", "clmblgprvdrnpinum"]
        "the NPI of the billing provider";
    Diagnosis "diagnosis" UseBest true
        ["diagnosis1", "diagnosiscode1", "dx1", "diag1", "icd1", "icddgnscd1", "icd9dgnscd1",
         "prncpaldgnscd", "dx", "diagnosis"]
        "the first diagnosis code";
    Diagnosis2 "diagnosis_2" UseBest true
        ["diagnosis2", "diagnosiscode2", "dx2", "diag2", "icd2", "icddgnscd2", "icd9dgnscd2"]
        "the second diagnosis code";
    Diagnosis3 "diagnosis_3" UseBest true
        ["diagnosis3", "diagnosiscode3", "dx3", "diag3", "icd3", "icddgnscd3", "icd9dgnscd3"]
        "the third diagnosis code";
    Diagnosis4 "diagnosis_4" UseBest true
        ["diagnosis4", "diagnosiscode4", "dx4", "diag4", "icd4", "icddgnscd4", "icd9dgnscd4"]
        "the fourth diagnosis code";
    Diagnosis5 "diagnosis_5" UseBest true
        ["diagnosis5", "diagnosiscode5", "dx5", "diag5", "icd5", "icddgnscd5", "icd9dgnscd5"]
        "the fifth diagnosis code";
    Diagnosis6 "diagnosis_6" UseBest true
        ["diagnosis6", "diagnosiscode6", "dx6", "diag6", "icd6", "icddgnscd6", "icd9dgnscd6"]
        "the sixth diagnosis code";
    Diagnosis7 "diagnosis_7" UseBest true
        ["diagnosis7", "diagnosiscode7", "dx7", "diag7", "icd7", "icddgnscd7", "icd9dgnscd7"]
        "the seventh diagnosis code";
    Diagnosis8 "diagnosis_8" UseBest true
        ["diagnosis8", "diagnosiscode8", "dx8", "diag8", "icd8", "icddgnscd8", "icd9dgnscd8"]
        "the eighth diagnosis code";
    Diagnosis9 "diagnosis_9" UseBest true
        ["diagnosis9", "diagnosiscode9", "dx9", "diag9", "icd9", "icddgnscd9", "icd9dgnscd9"]
        "the ninth diagnosis code";
    Diagnosis10 "diagnosis_10" UseBest true
        ["diagnosis10", "diagnosiscode10", "dx10", "diag10", "icd10", "icddgnscd10", "icd9dgnscd10"]
        "the tenth diagnosis code";
    Diagnosis11 "diagnosis_11" UseBest true
        ["diagnosis11", "diagnosiscode11", "dx11", "diag11", "icd11", "icddgnscd11", "icd9dgnscd11"]
        "the eleventh diagnosis code";
    Diagnosis12 "diagnosis_12" UseBest true
        ["diagnosis12", "diagnosiscode12", "dx12", "diag12", "icd12", "icddgnscd12", "icd9dgnscd12"]
        "the twelfth diagnosis code";
    DiagnosisPointer "diagnosis_pointer" UseBest true
        ["diagnosispointer", "diagnosispointers", "diagnosiscodepointer", "dxpointer", "dxpointers",
         "dxptr", "diagpointer", "diagptr", "icdpointer"]
        "which of the claim's diagnoses the line points to: letters or numbers";
    RevenueCode "revenue_code" UseBest false
        ["revenuecode", "revenuecentercode", "revcode", "rev", "revcntr", "clmlineprodrevctrcd"]
        "the revenue code of an institutional line";
    BillType "bill_type" UseBest false
        ["billtype", "billtypecode", "typeofbill", "tob"]
        "the type of bill of an institutional claim";
    Payer "payer" UseBest false
        ["payer", "payerid", "payername", "carrier", "primaryinsurancecompanyname"]
        "the payer that the claim goes to";
    PatientSex "patient_sex" UseBest true
        ["patientsex", "sex", "gender", "benesexidentcd"]
        "the patient's sex";
    PatientBirthDate "patient_birth_date" UseBest true
        ["patientbirthdate", "birthdate", "dob", "patientdateofbirth", "benebirthdt"]
        "the patient's date of birth";
    ProcedureDescription "procedure_description" UseBest true
        ["proceduredescription", "proceduredesc", "procdesc", "servicedescription", "description",
         "cptdescription", "hcpcsdescription", "linenote", "linedescription"]
        "what was done, in words";
    UnitType "unit_type" UseBest false
        ["unittype", "unitqualifier", "unitofmeasure", "unitsofmeasure", "uom", "unitcode",
         "measurementcode", "carrlinemtuscd"]
        "what the units count: UN units, MJ minutes";
    ClaimTotal "claim_total" UseBest false
        ["claimtotal", "claimtotalcharge", "totalcharge", "totalclaimcharge",
         "totalclaimchargeamount", "claimcharge", "claimchargeamount", "clmtotchrgamt",
         "nchcarrclmsbmtdchrgamt"]
        "the amount billed for the whole claim, on each of its lines";
    ClaimFrequency "claim_frequency" UseBest false
        ["claimfrequency", "claimfrequencycode", "frequencycode", "claimfreq", "freqcode",
         "clmfreqcd", "resubmissioncode"]
        "what the claim is: 1 original, 7 replacement, 8 void";
    ClaimType "claim_type" UseBest false
        ["claimtype", "claimtypecode", "clmtypecd", "formtype"]
        "the kind of claim: professional, institutional or dental";
    ReceivedDate "received_date" UseBest false
        ["receiveddate", "datereceived", "claimreceiveddate", "submitdate", "submitteddate",
         "submissiondate", "claimsubmitdate", "fileddate", "datefiled", "filedon"]
        "the day on which the claim was filed";
}

impl Field {
    /// The field with this canonical name. [`Field::OTHERS`] have none: nobody writes `other_1`.
    pub fn from_name(name: &str) -> Option<Field> {
        Field::ALL.iter().copied().find(|field| field.name() == name)
    }

    /// Every field, those of [`Field::OTHERS`] last; each at the place of its number.
    pub fn every() -> impl Iterator<Item = Field> {
        Field::ALL.iter().copied().chain(Field::OTHERS)
    }

    /// The field with this number.
    pub fn from_index(at: usize) -> Option<Field> {
        let other = || Field::OTHERS.get(at.checked_sub(Field::ALL.len())?);
        Field::ALL.get(at).or_else(other).copied()
    }

    /// The twelve diagnosis fields, in order.
    pub const DIAGNOSES: [Field; 12] = [
        Field::Diagnosis,
        Field::Diagnosis2,
        Field::Diagnosis3,
        Field::Diagnosis4,
        Field::Diagnosis5,
        Field::Diagnosis6,
        Field::Diagnosis7,
        Field::Diagnosis8,
        Field::Diagnosis9,
        Field::Diagnosis10,
        Field::Diagnosis11,
        Field::Diagnosis12,
    ];

    /// The fields that hold dates.
    pub const DATES: [Field; 4] =
        [Field::ServiceDate, Field::ServiceEnd, Field::ReceivedDate, Field::PatientBirthDate];

    /// The four modifier fields, in order.
    pub const MODIFIERS: [Field; 4] =
        [Field::Modifier1, Field::Modifier2, Field::Modifier3, Field::Modifier4];
}

impl fmt::Display for Field {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A header name as aliases are compared: ASCII letters lower-cased, all but letters and digits
/// dropped. `"Claim No."` and `"claim_no"` are the same name.
pub fn normalize(header: &str) -> String {
    header.chars().filter(char::is_ascii_alphanumeric).map(|c| c.to_ascii_lowercase()).collect()
}

/// A set of fields.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct FieldSet(u64);

impl FieldSet {
    /// Adds `field`.
    pub fn insert(&mut self, field: Field) {
        self.0 |= 1 << field as u32;
    }

    /// Whether `field` is in the set.
    pub fn contains(self, field: Field) -> bool {
        self.0 & (1 << field as u32) != 0
    }

    /// The fields of the set, in the order of the table.
    pub fn iter(self) -> impl Iterator<Item = Field> {
        Field::every().filter(move |field| self.contains(*field))
    }
}

impl FromIterator<Field> for FieldSet {
    fn from_iter<I: IntoIterator<Item = Field>>(fields: I) -> Self {
        let mut set = Self::default();
        fields.into_iter().for_each(|field| set.insert(field));
        set
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn no_alias_stands_for_two_fields_and_each_is_normalized() {
        let mut seen = std::collections::BTreeMap::new();
        for field in Field::ALL {
            for alias in field.aliases() {
                assert_eq!(*alias, normalize(alias), "{field}: alias is not normalized");
                assert_eq!(seen.insert(*alias, *field), None, "{alias} stands for two fields");
            }
            assert!(
                field.aliases().contains(&normalize(field.name()).as_str()),
                "{field}: its own name must be an alias"
            );
        }
    }
    #[test]
    fn other_columns_have_numbers_of_their_own_and_no_name() {
        for (at, field) in Field::every().enumerate() {
            assert_eq!(field as usize, at);
            assert_eq!(Field::from_index(at), Some(field));
        }
        assert_eq!(Field::every().count(), Field::COUNT);
        assert_eq!(Field::from_index(Field::COUNT), None);
        for field in Field::OTHERS {
            assert!(field.is_private() && Field::from_name(field.name()).is_none());
        }
        let set: FieldSet = [Field::Other16, Field::ClaimId].into_iter().collect();
        assert_eq!(set.iter().collect::<Vec<_>>(), [Field::ClaimId, Field::Other16]);
    }
}
