//! Which rules there are: one file for each, named after the rule, in a folder for its family.
//!
//! To add a rule, write its file and its fixture `fixtures/rules/<CODE>.csv`. The lists between the
//! marks follow from the files: a test compares them with the folders and rewrites them.

pub mod code_range;
pub mod embedded;
pub mod listed_codes;
pub mod netting;
pub mod quality_codes;

#[cfg(test)]
mod tests;

use crate::lint::Rule;

// <rules>
pub mod amount {
    //! The rules of `src/rules/amount`.
    pub mod claim_total_differs;
}
pub mod category {
    //! The rules of `src/rules/category`.
    pub mod category_two_without_category_one;
    pub mod category_two_without_category_one_but_other_service;
    pub mod code_outside_category_one_sections;
    pub mod code_outside_category_two_ranges;
    pub mod companion_on_another_claim;
    pub mod companion_on_another_date;
    pub mod companions;
    pub mod other_codes;
    pub mod section_set;
    pub mod zero_total_claim;
}
pub mod claim {
    //! The rules of `src/rules/claim`.
    pub mod missing_claim_id;
    pub mod more_lines_than_the_form_holds;
    pub mod repeated_line_number;
    pub mod several_patients;
}
pub mod code {
    //! The rules of `src/rules/code`.
    pub mod damaged_procedure_code;
    pub mod malformed_procedure_code;
    pub mod missing_procedure_code;
}
pub mod duplicate {
    //! The rules of `src/rules/duplicate`.
    pub mod repeated_claim;
    pub mod repeated_line;
}
pub mod mapping {
    //! The rules of `src/rules/mapping`.
    pub mod disagreeing_columns;
    pub mod mapping_alarm;
    pub mod suspect;
}
pub mod reference {
    //! The rules of `src/rules/reference`.
    pub mod reference_data_does_not_cover;
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

/// Every rule, in the order of the codes.
pub static ALL: &[&Rule] = &[
    &amount::claim_total_differs::RULE,
    &category::code_outside_category_one_sections::RULE,
    &category::code_outside_category_two_ranges::RULE,
    &category::category_two_without_category_one::RULE,
    &category::category_two_without_category_one_but_other_service::RULE,
    &category::companion_on_another_claim::RULE,
    &category::companion_on_another_date::RULE,
    &category::zero_total_claim::RULE,
    &claim::missing_claim_id::RULE,
    &claim::repeated_line_number::RULE,
    &claim::several_patients::RULE,
    &claim::more_lines_than_the_form_holds::RULE,
    &code::missing_procedure_code::RULE,
    &code::malformed_procedure_code::RULE,
    &code::damaged_procedure_code::RULE,
    &duplicate::repeated_line::RULE,
    &duplicate::repeated_claim::RULE,
    &mapping::mapping_alarm::RULE,
    &mapping::disagreeing_columns::RULE,
    &reference::reference_data_does_not_cover::RULE,
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
];
// </rules>
