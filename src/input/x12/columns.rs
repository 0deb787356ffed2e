//! The columns of an X12 input: which element each field is read from.

use crate::input::layout::Layout;
use crate::model::Field;

/// The fields of an 837, and what reports call the elements that they come from.
pub const FIELDS: [(Field, &str); 38] = [
    (Field::ClaimId, "CLM01"),
    (Field::ServiceLine, "LX01"),
    (Field::PatientId, "NM109 (IL, QC)"),
    (Field::ProcedureCode, "SV101-2, SV202-2, SV301-2"),
    (Field::Modifier1, "SV101-3, SV202-3, SV301-3"),
    (Field::Modifier2, "SV101-4, SV202-4, SV301-4"),
    (Field::Modifier3, "SV101-5, SV202-5, SV301-5"),
    (Field::Modifier4, "SV101-6, SV202-6, SV301-6"),
    (Field::ServiceDate, "DTP03 (472, 434)"),
    (Field::ServiceEnd, "DTP03 (472, 434), last day"),
    (Field::Units, "SV104, SV205, SV306"),
    (Field::Charge, "SV102, SV203, SV302"),
    (Field::PlaceOfService, "SV105, SV303, CLM05-1"),
    (Field::RenderingNpi, "NM109 (82, 71, 85)"),
    (Field::BillingNpi, "NM109 (85)"),
    (Field::Diagnosis, "HI01-2"),
    (Field::Diagnosis2, "HI02-2"),
    (Field::Diagnosis3, "HI03-2"),
    (Field::Diagnosis4, "HI04-2"),
    (Field::Diagnosis5, "HI05-2"),
    (Field::Diagnosis6, "HI06-2"),
    (Field::Diagnosis7, "HI07-2"),
    (Field::Diagnosis8, "HI08-2"),
    (Field::Diagnosis9, "HI09-2"),
    (Field::Diagnosis10, "HI10-2"),
    (Field::Diagnosis11, "HI11-2"),
    (Field::Diagnosis12, "HI12-2"),
    (Field::DiagnosisPointer, "SV107, SV311"),
    (Field::RevenueCode, "SV201"),
    (Field::BillType, "CLM05-1, CLM05-3"),
    (Field::Payer, "NM109 (PR)"),
    (Field::PatientSex, "DMG03"),
    (Field::PatientBirthDate, "DMG02"),
    (Field::ProcedureDescription, "SV101-7, SV202-7, SV301-7"),
    (Field::UnitType, "SV103, SV204"),
    (Field::ClaimTotal, "CLM02"),
    (Field::ClaimFrequency, "CLM05-3"),
    (Field::ClaimType, "SV1, SV2, SV3"),
];

/// The columns as a delimited input would have them.
pub fn layout() -> Layout {
    let names = FIELDS.iter().map(|(_, name)| (*name).to_owned()).collect();
    let columns = (0..).zip(FIELDS).map(|(at, (field, _))| (field, vec![at])).collect();
    Layout { names, columns, ..Layout::default() }
}
