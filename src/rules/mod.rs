//! Which rules there are: one file for each, named after the rule, in a folder for its family.
//!
//! To add a rule, write its file and its fixture `fixtures/rules/<CODE>.csv`. The lists between the
//! marks follow from the files: a test compares them with the folders and rewrites them.

pub mod code_range;
pub mod embedded;
pub mod netting;
pub mod recent;

#[cfg(test)]
mod tests;

use crate::lint::Rule;

// <rules>
pub mod category {
    //! The rules of `src/rules/category`.
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
pub mod duplicate {
    //! The rules of `src/rules/duplicate`.
    pub mod repeated_line;
}
pub mod mapping {
    //! The rules of `src/rules/mapping`.
    pub mod disagreeing_columns;
    pub mod mapping_alarm;
    pub mod suspect;
}
pub mod ncci {
    //! The rules of `src/rules/ncci`.
    pub mod add_on_alone;
    pub mod add_on_lines;
    pub mod add_on_without_primary;
    pub mod billed;
    pub mod day_limits;
    pub mod limits;
    pub mod pair_bypassed_by_modifier;
    pub mod pair_lines;
    pub mod pair_never_allowed;
    pub mod pair_without_ncci_modifier;
    pub mod units_over_day_limit_by_policy;
    pub mod units_over_day_limit_clinical;
    pub mod units_over_line_limit;
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
    &ncci::add_on_without_primary::RULE,
    &ncci::add_on_alone::RULE,
    &category::code_outside_category_one_sections::RULE,
    &category::code_outside_category_two_ranges::RULE,
    &category::category_two_without_category_one::RULE,
    &category::category_two_without_category_one_but_other_service::RULE,
    &claim::missing_claim_id::RULE,
    &code::missing_procedure_code::RULE,
    &code::malformed_procedure_code::RULE,
    &code::damaged_procedure_code::RULE,
    &duplicate::repeated_line::RULE,
    &mapping::mapping_alarm::RULE,
    &mapping::disagreeing_columns::RULE,
    &ncci::units_over_line_limit::RULE,
    &ncci::units_over_day_limit_by_policy::RULE,
    &ncci::units_over_day_limit_clinical::RULE,
    &ncci::pair_never_allowed::RULE,
    &ncci::pair_without_ncci_modifier::RULE,
    &ncci::pair_bypassed_by_modifier::RULE,
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
