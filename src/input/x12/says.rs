//! What the reader says of segments that stand where they cannot.

/// A CLM without a service line.
pub const NO_LINES: &str = "the claim has no service line";
/// A service line outside any claim.
pub const NO_CLAIM: &str = "the service line belongs to no claim that can be read";
/// An LX without a service.
pub const NO_SERVICE: &str = "no SV1, SV2 or SV3 follows the LX: the service line is lost";
/// A CLM outside the hierarchy.
pub const NO_SUBSCRIBER: &str = "the claim stands below no subscriber and no patient (HL03 22, 23)";
/// A service without an LX.
pub const NO_COUNTER: &str = "no LX stands before the service";
/// A segment of no known name.
pub const NO_SEGMENT: &str = "no segment of an 837 has this name";
/// Nothing between two terminators.
pub const EMPTY: &str = "the segment is empty";
/// An ISA segment of another length.
pub const NO_HEADER: &str =
    "the ISA segment is not 106 bytes long with its elements in their places";
/// A segment without its terminator.
pub const UNFINISHED: &str = "the input ends in the middle of the segment";
