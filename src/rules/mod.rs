//! Which rules there are: one file for each, named after the rule, in a folder for its family.
//!
//! To add a rule, write its file and its fixture `fixtures/rules/<CODE>.csv`. The lists between the
//! marks follow from the files: a test compares them with the folders and rewrites them.

pub mod code_range;
pub mod code_set;
pub mod embedded;
pub mod recent;

#[cfg(test)]
mod tests;

use crate::lint::Rule;

// <rules>
pub mod category {
    //! The rules of `src/rules/category`.
    pub mod category_not_accepted;
    pub mod category_two_without_category_one;
    pub mod category_two_without_category_one_but_other_service;
    pub mod code_outside_category_one_sections;
    pub mod code_outside_category_two_ranges;
    pub mod companions;
    pub mod other_codes;
    pub mod refused;
    pub mod section_set;
}
pub mod claim {
    //! The rules of `src/rules/claim`.
    pub mod missing_claim_id;
}
pub mod code {
    //! The rules of `src/rules/code`.
    pub mod damaged_procedure_code;
    pub mod ended_procedure_code;
    pub mod in_force;
    pub mod malformed_procedure_code;
    pub mod missing_procedure_code;
    pub mod procedure_code_not_yet_in_force;
    pub mod unknown_procedure_code;
    pub mod unlisted_code_without_description;
}
pub mod mapping {
    //! The rules of `src/rules/mapping`.
    pub mod disagreeing_columns;
    pub mod mapping_alarm;
    pub mod suspect;
}
pub mod modifier {
    //! The rules of `src/rules/modifier`.
    pub mod bilateral_with_side;
    pub mod cells;
    pub mod conflicting_anesthesia_modifiers;
    pub mod distinct_service_modifier_twice;
    pub mod in_force;
    pub mod malformed_modifier;
    pub mod modifier_gap;
    pub mod modifier_not_in_force;
    pub mod other_modifier_on_category_two;
    pub mod performance_modifier_on_another_code;
    pub mod professional_and_technical_component;
    pub mod repeated_modifier;
    pub mod separate_evaluation_on_another_code;
    pub mod unknown_modifier;
}
pub mod place {
    //! The rules of `src/rules/place`.
    pub mod in_force;
    pub mod place_of_service_does_not_fit;
    pub mod place_of_service_not_in_force;
    pub mod unknown_place_of_service;
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
    &category::code_outside_category_one_sections::RULE,
    &category::code_outside_category_two_ranges::RULE,
    &category::category_not_accepted::RULE,
    &category::category_two_without_category_one::RULE,
    &category::category_two_without_category_one_but_other_service::RULE,
    &claim::missing_claim_id::RULE,
    &code::missing_procedure_code::RULE,
    &code::malformed_procedure_code::RULE,
    &code::damaged_procedure_code::RULE,
    &code::unknown_procedure_code::RULE,
    &code::procedure_code_not_yet_in_force::RULE,
    &code::ended_procedure_code::RULE,
    &code::unlisted_code_without_description::RULE,
    &mapping::mapping_alarm::RULE,
    &mapping::disagreeing_columns::RULE,
    &modifier::malformed_modifier::RULE,
    &modifier::unknown_modifier::RULE,
    &modifier::modifier_not_in_force::RULE,
    &modifier::repeated_modifier::RULE,
    &modifier::performance_modifier_on_another_code::RULE,
    &modifier::other_modifier_on_category_two::RULE,
    &modifier::professional_and_technical_component::RULE,
    &modifier::bilateral_with_side::RULE,
    &modifier::distinct_service_modifier_twice::RULE,
    &modifier::separate_evaluation_on_another_code::RULE,
    &modifier::modifier_gap::RULE,
    &modifier::conflicting_anesthesia_modifiers::RULE,
    &place::unknown_place_of_service::RULE,
    &place::place_of_service_not_in_force::RULE,
    &place::place_of_service_does_not_fit::RULE,
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
