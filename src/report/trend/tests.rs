//! A folder of runs on one page: their order, what moved, and that no name becomes markup.

use std::fs;
use std::path::Path;

use serde_json::json;

use super::*;

/// Writes a run directory with this summary.
fn run_directory(folder: &Path, name: &str, ended: &str, clean: u64, at_risk: Option<&str>) {
    let path = folder.join(name);
    fs::create_dir_all(&path).unwrap();
    let summary = json!({ "schema": "x", "summary": {
        "claims": 200, "clean_claims": clean, "at_risk": at_risk,
        "severities": { "error": 200 - clean, "warning": 3, "info": 0 },
        "rules": [{ "code": "CII001", "found": 200 - clean }, { "code": "COD002", "found": 0 }],
    }});
    let summary = summary.to_string();
    fs::write(path.join("summary.json"), &summary).unwrap();
    let sha256 = crate::report::run::directory::hexadecimal_of(summary.as_bytes());
    let record = json!({
        "schema": "claimlint.run/1", "version": "0", "started": ended, "ended": ended,
        "milliseconds": 1, "exit_code": 1, "as_of": null, "lines": 500, "claims": 200,
        "claims_span_inputs": true, "findings": 5, "inputs": [], "editions": [],
        "rules": { "enabled": [], "sha256": "" }, "configuration_sha256": "", "arguments": [],
        "reports": [{ "name": "summary.json", "bytes": summary.len(), "sha256": sha256 },
                    { "name": "gone.html", "bytes": 1, "sha256": "" }],
    });
    fs::write(path.join("run.json"), record.to_string()).unwrap();
}

fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    run_directory(folder.path(), "b", "2026-10-02T02:00:00Z", 190, Some("10.50"));
    run_directory(folder.path(), "<script>a&", "2026-10-01T02:00:00Z", 180, None);
    run_directory(folder.path(), "c", "2026-10-03T02:00:00Z", 195, Some("-4.00"));
    fs::create_dir(folder.path().join("notes")).unwrap();
    fs::create_dir(folder.path().join(".hidden")).unwrap();
    folder
}

#[test]
fn runs_stand_in_the_order_in_which_they_ended() {
    let folder = folder();
    let runs = read(folder.path()).unwrap();
    let names: Vec<&str> = runs.runs.iter().map(|run| run.name.as_str()).collect();
    assert_eq!(names, ["<script>a&", "b", "c"]);
    assert_eq!(runs.passed_over, ["notes"]);
    assert_eq!(runs.runs[1].at_risk, Some(Cents(1_050)));
    assert_eq!((runs.runs[2].ended.as_str(), runs.runs[2].lines), ("2026-10-03 02:00", 500));
}

#[test]
fn the_page_says_what_moved_and_nothing_from_files_is_markup() {
    let folder = folder();
    let page = page(&read(folder.path()).unwrap()).unwrap();
    for said in ["97.50 %", "+2.50 % since the run before", "-5 since the run before", "-$14.50"] {
        assert!(page.contains(said), "{said}");
    }
    assert!(page.contains("Passed over, since no run wrote it: notes."));
    assert!(!page.contains("<script"), "a name became markup");
    assert!(page.contains("&#60;script&#62;a&#38;"));
    for never in [" href=", " src=", " onload", "style=\"", "url("] {
        assert!(!page.contains(never), "{never}");
    }
    // Four charts; the one for dollars has a run that says nothing.
    assert_eq!(page.matches("<svg class=\"chart\"").count(), 4);
    assert_eq!(page.matches("<polyline").count(), 1 + 3 + 1 + 1);
    assert_eq!(page.matches("<tr>").count(), 1 + 3);
}

#[test]
fn what_is_no_run_or_was_changed_is_no_page() {
    let empty = tempfile::tempdir().unwrap();
    assert!(read(empty.path()).is_err());
    assert!(read(&empty.path().join("nowhere")).is_err());
    let folder = folder();
    let path = folder.path().join("b/summary.json");
    let text = fs::read_to_string(&path).unwrap().replace("190", "200");
    fs::write(&path, text).unwrap();
    let error = read(folder.path()).unwrap_err().to_string();
    assert!(error.contains("is not what its run wrote"), "{error}");
}

#[test]
fn a_thousand_runs_are_a_small_page() {
    let run = |at: u64| Run {
        name: format!("run-{at}"),
        ended: "2026-10-01 02:00".to_owned(),
        lines: u64::MAX,
        claims: u64::MAX,
        clean: at,
        severities: [u64::MAX; 3],
        at_risk: Some(Cents(i128::from(at))),
        rules: (0..120).map(|rule| (format!("RUL{rule:03}"), u64::MAX)).collect(),
        ..Run::default()
    };
    let runs = Runs { runs: (0..1_000).map(run).collect(), ..Runs::default() };
    let page = page(&runs).unwrap();
    assert!(page.len() < 2_000_000, "{} bytes", page.len());
}
