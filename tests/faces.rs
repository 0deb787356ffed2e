//! What the program looks like: its help, and every form of its output, as snapshots.

#![allow(clippy::unwrap_used, clippy::expect_used, reason = "a test fails by panicking")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "a test fails by panicking")]

#[path = "common/program.rs"]
mod program;

use std::path::Path;

use program::{FORMATS, Folder, command_in, ended};

#[test]
fn help_is_known() {
    let folder = Folder::new();
    for (name, arguments) in [("help", &["--help"][..]), ("check-help", &["check", "--help"])] {
        let run = folder.run(arguments);
        assert_eq!((run.exit, run.stderr.as_str()), (0, ""));
        insta::assert_snapshot!(name, run.stdout);
    }
}

#[test]
fn every_output_format_is_known() {
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    for format in FORMATS.into_iter().filter(|format| *format != "none") {
        let arguments = ["check", "--isolated", "CII001.csv", "--as-of=2026-10-31", "-f", format];
        let run = ended(command_in(&fixtures, &arguments));
        assert_eq!(run.exit, 1, "{}", run.stderr);
        insta::assert_snapshot!(format!("output-{format}"), run.stdout);
    }
}

#[test]
fn every_kind_of_report_is_known() {
    let folder = Folder::new();
    let fixtures = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/rules");
    for kind in ["json", "ndjson", "csv", "sarif", "junit", "md"] {
        let path = folder.path("report");
        let report = format!("{kind}={}", path.display());
        let arguments = [
            "check",
            "--isolated",
            "CII001.csv",
            "--as-of=2026-10-31",
            "-f",
            "none",
            "-r",
            &report,
        ];
        assert_eq!(ended(command_in(&fixtures, &arguments)).exit, 1);
        let written = std::fs::read_to_string(&path).unwrap();
        // On standard output the same format has the same bytes.
        let printed = ["check", "--isolated", "CII001.csv", "--as-of=2026-10-31", "-f", kind];
        match kind {
            "md" => insta::assert_snapshot!("report-md", written),
            _ => assert_eq!(written, ended(command_in(&fixtures, &printed)).stdout, "{kind}"),
        }
    }
}
