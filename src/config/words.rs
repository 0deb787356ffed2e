//! The settings that are one of a few words.

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};

/// Declares an enum whose variants are the words of a setting.
macro_rules! words {
    (
        $(#[doc = $doc:literal])+
        $name:ident { $($(#[doc = $said:literal])+ $variant:ident $word:literal,)+ }
    ) => {
        $(#[doc = $doc])+
        #[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
        #[schemars(inline)]
        pub enum $name { $($(#[doc = $said])+ #[serde(rename = $word)] $variant,)+ }

        impl $name {
            /// The words, in the order of the documentation.
            pub const WORDS: &'static [&'static str] = &[$($word,)+];

            /// The word for this choice.
            pub const fn word(self) -> &'static str {
                match self { $($name::$variant => $word,)+ }
            }

            /// The choice that a word stands for.
            pub fn from_word(word: &str) -> Option<Self> {
                match word { $($word => Some($name::$variant),)+ _ => None }
            }
        }
    };
}

words! {
    /// How much a finding weighs.
    SeverityWord {
        /// Worth knowing.
        Info "info",
        /// Probably wrong, or wrong for some payers.
        Warning "warning",
        /// Wrong: the claim would be rejected or denied.
        Error "error",
    }
}

words! {
    /// The lightest finding that makes the exit code 1.
    FailOnWord {
        /// Errors.
        Error "error",
        /// Errors and warnings.
        Warning "warning",
        /// Any finding.
        Info "info",
        /// None.
        Never "never",
    }
}

words! {
    /// What is shown of values that identify or describe a patient.
    PhiWord {
        /// Nothing.
        Mask "mask",
        /// A keyed hash.
        Hash "hash",
        /// The value.
        Show "show",
    }
}

words! {
    /// The form of an input.
    InputFormatWord {
        /// Found out from the first bytes, and the delimiter from the first lines.
        Auto "auto",
        /// Comma.
        Csv "csv",
        /// Tab.
        Tsv "tsv",
        /// Pipe.
        Psv "psv",
        /// X12 837.
        X12 "x12",
        /// Parquet.
        Parquet "parquet",
    }
}

words! {
    /// The encoding of an input.
    EncodingWord {
        /// UTF-8, or UTF-16 when a byte order mark says so.
        Auto "auto",
        /// UTF-8.
        Utf8 "utf-8",
        /// Windows code page 1252.
        Windows1252 "windows-1252",
        /// UTF-16.
        Utf16 "utf-16",
    }
}

words! {
    /// How far a claim id reaches.
    ScopeWord {
        /// The same claim id means the same claim in every input of the run.
        Run "run",
        /// A claim id means a claim within one input only.
        File "file",
    }
}

words! {
    /// What a rule of the user's looks at in one go.
    RuleScopeWord {
        /// A service line.
        Line "line",
        /// The lines of a claim.
        Claim "claim",
        /// The lines of a patient on a day.
        PatientDay "patient-day",
    }
}

words! {
    /// What a rule says of the lines of a test.
    ExpectWord {
        /// It finds something.
        Fail "fail",
        /// It finds nothing.
        Pass "pass",
        /// It cannot tell.
        Unknown "unknown",
    }
}

words! {
    /// The form of standard output.
    OutputFormatWord {
        /// Samples with their lines, the table of rules, the totals.
        Full "full",
        /// One line for each finding.
        Concise "concise",
        /// Samples gathered under each rule.
        Grouped "grouped",
        /// The table of rules and the totals.
        Summary "summary",
        /// One JSON document.
        Json "json",
        /// One JSON object for each finding.
        Ndjson "ndjson",
        /// One CSV row for each finding.
        Csv "csv",
        /// SARIF 2.1.0, for code scanning.
        Sarif "sarif",
        /// JUnit: a test for each rule and input.
        Junit "junit",
        /// Annotations for GitHub workflows.
        Github "github",
        /// Nothing.
        None "none",
    }
}
