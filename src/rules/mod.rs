//! Which rules there are: one file for each, named after the rule, in a folder for its family.
//!
//! To add a rule, write its file and its fixture `fixtures/rules/<CODE>.csv`. The lists between the
//! marks follow from the files: a test compares them with the folders and rewrites them.

pub mod code_range;
pub mod code_set;
pub mod embedded;
pub mod fault_says;
pub mod listed_codes;
pub mod netting;
pub mod quality_codes;
pub mod recent;

#[cfg(test)]
mod tests;

use crate::lint::Rule;

// <rules>
pub mod amount {
    //! The rules of `src/rules/amount`.
    pub mod claim_total_differs;
    pub mod malformed_amount;
    pub mod negative_charge;
    pub mod zero_charge;
}
pub mod category {
    //! The rules of `src/rules/category`.
    pub mod category_not_accepted;
    pub mod category_two_charge;
    pub mod category_two_without_category_one;
    pub mod category_two_without_category_one_but_other_service;
    pub mod code_outside_category_one_sections;
    pub mod code_outside_category_two_ranges;
    pub mod companion_on_another_claim;
    pub mod companion_on_another_date;
    pub mod companions;
    pub mod other_codes;
    pub mod refused;
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
    pub mod ended_procedure_code;
    pub mod in_force;
    pub mod malformed_procedure_code;
    pub mod missing_procedure_code;
    pub mod procedure_code_not_yet_in_force;
    pub mod unknown_procedure_code;
    pub mod unlisted_code_without_description;
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
pub mod place {
    //! The rules of `src/rules/place`.
    pub mod in_force;
    pub mod place_of_service_does_not_fit;
    pub mod place_of_service_not_in_force;
    pub mod unknown_place_of_service;
}
pub mod provider {
    //! The rules of `src/rules/provider`.
    pub mod malformed_npi;
    pub mod npi;
    pub mod npi_check_digit;
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
pub mod units {
    //! The rules of `src/rules/units`.
    pub mod fractional_units;
    pub mod missing_units;
}
pub mod x12 {
    //! The rules of `src/rules/x12`.
    pub mod broken_hierarchy;
    pub mod control_numbers_differ;
    pub mod line_counter_out_of_order;
    pub mod missing_trailer;
    pub mod trailer_count_differs;
    pub mod unknown_transaction_set;
    pub mod unreadable_segment;
}

/// Every rule, in the order of the codes.
pub static ALL: &[&Rule] = &[
    &ncci::add_on_without_primary::RULE,
    &ncci::add_on_alone::RULE,
    &amount::malformed_amount::RULE,
    &amount::negative_charge::RULE,
    &amount::zero_charge::RULE,
    &amount::claim_total_differs::RULE,
    &category::code_outside_category_one_sections::RULE,
    &category::code_outside_category_two_ranges::RULE,
    &category::category_not_accepted::RULE,
    &category::category_two_without_category_one::RULE,
    &category::category_two_without_category_one_but_other_service::RULE,
    &category::companion_on_another_claim::RULE,
    &category::companion_on_another_date::RULE,
    &category::category_two_charge::RULE,
    &category::zero_total_claim::RULE,
    &claim::missing_claim_id::RULE,
    &claim::repeated_line_number::RULE,
    &claim::several_patients::RULE,
    &claim::more_lines_than_the_form_holds::RULE,
    &code::missing_procedure_code::RULE,
    &code::malformed_procedure_code::RULE,
    &code::damaged_procedure_code::RULE,
    &code::unknown_procedure_code::RULE,
    &code::procedure_code_not_yet_in_force::RULE,
    &code::ended_procedure_code::RULE,
    &code::unlisted_code_without_description::RULE,
    &date::malformed_date::RULE,
    &date::reversed_dates::RULE,
    &date::future_date::RULE,
    &date::service_before_birth::RULE,
    &date::filed_late::RULE,
    &date::implausibly_old_date::RULE,
    &duplicate::repeated_line::RULE,
    &duplicate::repeated_claim::RULE,
    &diagnosis::malformed_diagnosis::RULE,
    &diagnosis::unknown_diagnosis::RULE,
    &diagnosis::header_diagnosis::RULE,
    &diagnosis::diagnosis_not_in_force::RULE,
    &diagnosis::diagnosis_pointer::RULE,
    &diagnosis::external_cause_first::RULE,
    &diagnosis::repeated_diagnosis::RULE,
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
    &ncci::units_over_line_limit::RULE,
    &ncci::units_over_day_limit_by_policy::RULE,
    &ncci::units_over_day_limit_clinical::RULE,
    &provider::malformed_npi::RULE,
    &provider::npi_check_digit::RULE,
    &place::unknown_place_of_service::RULE,
    &place::place_of_service_not_in_force::RULE,
    &place::place_of_service_does_not_fit::RULE,
    &ncci::pair_never_allowed::RULE,
    &ncci::pair_without_ncci_modifier::RULE,
    &ncci::pair_bypassed_by_modifier::RULE,
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
    &units::missing_units::RULE,
    &units::fractional_units::RULE,
    &x12::control_numbers_differ::RULE,
    &x12::trailer_count_differs::RULE,
    &x12::missing_trailer::RULE,
    &x12::broken_hierarchy::RULE,
    &x12::line_counter_out_of_order::RULE,
    &x12::unknown_transaction_set::RULE,
    &x12::unreadable_segment::RULE,
];
// </rules>
