//! Which rules there are: one file for each, named after the rule, in a folder for its family.
//!
//! To add a rule, write its file and its fixture `fixtures/rules/<CODE>.csv`. The lists between the
//! marks follow from the files: a test compares them with the folders and rewrites them.

pub mod code_range;
pub mod embedded;
pub mod listed_codes;

#[cfg(test)]
mod tests;

use crate::lint::Rule;

// <rules>
pub mod amount {
    //! The rules of `src/rules/amount`.
    pub mod malformed_amount;
    pub mod negative_charge;
    pub mod quality_codes;
    pub mod zero_charge;
}
pub mod category {
    //! The rules of `src/rules/category`.
    pub mod category_two_charge;
    pub mod category_two_without_category_one;
    pub mod category_two_without_category_one_but_other_service;
    pub mod code_outside_category_one_sections;
    pub mod code_outside_category_two_ranges;
    pub mod companions;
    pub mod other_codes;
    pub mod section_set;
}
pub mod claim {
    //! The rules of `src/rules/claim`.
    pub mod missing_claim_id;
}
pub mod code {
    //! The rules of `src/rules/code`.
    pub mod damaged_procedure_code;
    pub mod malformed_procedure_code;
    pub mod missing_procedure_code;
}
pub mod date {
    //! The rules of `src/rules/date`.
    pub mod filed_late;
    pub mod filing_limits;
    pub mod future_date;
    pub mod implausibly_old_date;
    pub mod malformed_date;
    pub mod reversed_dates;
    pub mod service_before_birth;
}
pub mod diagnosis {
    //! The rules of `src/rules/diagnosis`.
    pub mod codes;
    pub mod diagnosis_not_in_force;
    pub mod diagnosis_pointer;
    pub mod external_cause_first;
    pub mod header_diagnosis;
    pub mod look_up;
    pub mod malformed_diagnosis;
    pub mod pointers;
    pub mod repeated_diagnosis;
    pub mod unknown_diagnosis;
}
pub mod mapping {
    //! The rules of `src/rules/mapping`.
    pub mod disagreeing_columns;
    pub mod mapping_alarm;
    pub mod suspect;
}
pub mod provider {
    //! The rules of `src/rules/provider`.
    pub mod malformed_npi;
    pub mod npi;
    pub mod npi_check_digit;
}
pub mod structure {
    //! The rules of `src/rules/structure`.
    pub mod invalid_encoding;
    pub mod not_a_record;
    pub mod nul_byte;
    pub mod quote_in_unquoted_field;
    pub mod ragged_record;
    pub mod record_too_long;
    pub mod repeated_header;
    pub mod swallowed_records;
    pub mod text_after_closing_quote;
    pub mod unclosed_quote;
}
pub mod units {
    //! The rules of `src/rules/units`.
    pub mod fractional_units;
    pub mod missing_units;
}

/// Every rule, in the order of the codes.
pub static ALL: &[&Rule] = &[
    &amount::malformed_amount::RULE,
    &amount::negative_charge::RULE,
    &amount::zero_charge::RULE,
    &category::code_outside_category_one_sections::RULE,
    &category::code_outside_category_two_ranges::RULE,
    &category::category_two_without_category_one::RULE,
    &category::category_two_without_category_one_but_other_service::RULE,
    &category::category_two_charge::RULE,
    &claim::missing_claim_id::RULE,
    &code::missing_procedure_code::RULE,
    &code::malformed_procedure_code::RULE,
    &code::damaged_procedure_code::RULE,
    &date::malformed_date::RULE,
    &date::reversed_dates::RULE,
    &date::future_date::RULE,
    &date::service_before_birth::RULE,
    &date::filed_late::RULE,
    &date::implausibly_old_date::RULE,
    &diagnosis::malformed_diagnosis::RULE,
    &diagnosis::unknown_diagnosis::RULE,
    &diagnosis::header_diagnosis::RULE,
    &diagnosis::diagnosis_not_in_force::RULE,
    &diagnosis::diagnosis_pointer::RULE,
    &diagnosis::external_cause_first::RULE,
    &diagnosis::repeated_diagnosis::RULE,
    &mapping::mapping_alarm::RULE,
    &mapping::disagreeing_columns::RULE,
    &provider::malformed_npi::RULE,
    &provider::npi_check_digit::RULE,
    &structure::ragged_record::RULE,
    &structure::quote_in_unquoted_field::RULE,
    &structure::text_after_closing_quote::RULE,
    &structure::unclosed_quote::RULE,
    &structure::swallowed_records::RULE,
    &structure::nul_byte::RULE,
    &structure::invalid_encoding::RULE,
    &structure::record_too_long::RULE,
    &structure::repeated_header::RULE,
    &structure::not_a_record::RULE,
    &units::missing_units::RULE,
    &units::fractional_units::RULE,
];
// </rules>
