//! What README.md and the pages of `docs/` show is what the program does: commands are run, and
//! configurations are loaded.
//!
//! | block | what is done with it |
//! |---|---|
//! | `console` | each `$ claimlint …` is run where the fixtures are; what is shown must be said |
//! | `toml` | loaded as `claimlint.toml`, rules built and all |
//! | `crontab` | each line is run in the bare environment that cron gives, on good data and bad |
//!
//! In a `console` block, `# exit N` ends the output of a command and says its exit code, 0 if there
//! is no such line. Any other line must occur in the output; `…` in it stands for anything, and a
//! line of `…` alone for any lines.

#![allow(clippy::unwrap_used, reason = "a test says what is wrong by failing")]
#![allow(clippy::indexing_slicing, clippy::string_slice, reason = "the same")]

mod common;
#[path = "common/shown.rs"]
mod shown;

use std::fs;
use std::path::{Path, PathBuf};

use claimlint::config::{self, Layer, Settings, Sources, Stock};
use claimlint::pipeline::Plan;
use claimlint::rules::embedded;
use shown::{Block, blocks_of, compare, occurs, shell, shown, text};

const BINARY: &str = env!("CARGO_BIN_EXE_claimlint");

fn root() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
}

/// README.md, the page on the data of rules, and the pages right under `docs/`.
fn pages() -> Vec<PathBuf> {
    let pages = fs::read_dir(root().join("docs")).unwrap().map(|page| page.unwrap().path());
    let mut pages: Vec<PathBuf> =
        pages.filter(|page| page.extension() == Some("md".as_ref())).collect();
    pages.extend([root().join("README.md"), root().join("rules/README.md")]);
    pages.sort();
    pages
}

/// Their blocks in `language`.
fn blocks(language: &str) -> Vec<Block> {
    let pages = pages();
    let all = pages.iter().flat_map(|page| {
        let name = page.strip_prefix(root()).unwrap().display().to_string();
        blocks_of(&name, &fs::read_to_string(page).unwrap())
    });
    all.filter(|block| block.language == language).collect()
}

/// A folder with the fixtures that documents name, to be written into at will.
fn folder() -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for named in
        ["fixtures/exports", "fixtures/formats", "fixtures/formats/parquet", "rules/examples"]
    {
        let exports = folder.path().join(named);
        fs::create_dir_all(&exports).unwrap();
        for file in fs::read_dir(root().join(named)).unwrap() {
            let file = file.unwrap();
            if file.path().is_file() {
                fs::copy(file.path(), exports.join(file.file_name())).unwrap();
            }
        }
    }
    folder
}

#[test]
fn commands_do_what_is_shown() {
    let programs = Path::new(BINARY).parent().unwrap().display();
    let path = format!("{programs}:/usr/bin:/bin");
    let mut ran = 0;
    for block in blocks("console") {
        let folder = folder();
        for shown in shown(&block) {
            // A build without Parquet refuses it, which README does not show.
            if shown.command.contains(".parquet") && !cfg!(feature = "polars") {
                continue;
            }
            compare(&block.place, &shown, folder.path(), &path);
            ran += 1;
        }
    }
    assert!(ran >= 5, "only {ran} commands: are the blocks still called `console`?");
}

#[test]
fn configurations_load() {
    let mut loaded = 0;
    for block in blocks("toml") {
        let (text, place) = (block.lines.join("\n"), &block.place);
        let sources = Sources {
            flags: Layer::parse(&text, place, Path::new(".")).unwrap_or_else(|e| panic!("{e}")),
            configs: Vec::new(),
            rules: Vec::new(),
            isolated: true,
            directory: root(),
            system: PathBuf::new(),
            environment: &|_| None,
        };
        let registry = common::registry();
        let base = embedded::knowledge().unwrap();
        let stock = Stock {
            registry: &registry,
            base,
            presets: &embedded::preset,
            layouts: &embedded::LAYOUTS,
        };
        let settings = config::load(&sources, stock).unwrap_or_else(|e| panic!("{place}: {e}"));
        assert!(settings.warnings.is_empty(), "{place}: {:?}", settings.warnings);
        // The file is made by what the page shows beside it, and that is run elsewhere.
        let settings = Settings { baseline: None, ..settings.settings };
        let plan = Plan::without_inputs(settings, common::registry());
        plan.map(drop).unwrap_or_else(|e| panic!("{place}: {e}"));
        loaded += 1;
    }
    assert!(loaded >= 3, "only {loaded} configurations: are the blocks still called `toml`?");
}

/// The commands of the lines for cron that take published files in, or of all others, each with
/// its place.
fn jobs(take_files_in: bool) -> Vec<(String, String)> {
    let mut commands = Vec::new();
    for block in blocks("crontab") {
        let jobs = block.lines.iter().filter(|line| line.starts_with(|c: char| c.is_ascii_digit()));
        for job in jobs.filter(|job| job.contains(" refdata import ") == take_files_in) {
            // Five fields say when; to cron, a bare per cent sign is a line end.
            let command = job.split_whitespace().skip(5).collect::<Vec<_>>().join(" ");
            assert!(!command.replace("\\%", "").contains('%'), "{}: escape the %", block.place);
            commands.push((block.place.clone(), command));
        }
    }
    commands
}

/// The command as it is run here, with its folders.
fn here(command: &str, srv: &Path) -> String {
    ["exports", "published", "refdata", "reports"]
        .iter()
        .for_each(|name| fs::create_dir_all(srv.join(name)).unwrap());
    let command = command.replace("/usr/local/bin/claimlint", BINARY);
    command.replace("/srv/", &format!("{}/", srv.display()))
}

/// Makes a file one that was changed an hour ago.
fn settle(path: &Path) {
    let file = fs::OpenOptions::new().append(true).open(path).unwrap();
    let hour = std::time::Duration::from_secs(3600);
    file.set_modified(std::time::SystemTime::now() - hour).unwrap();
}

#[test]
fn the_line_for_cron_runs_in_a_bare_environment() {
    let jobs = jobs(false);
    for (place, command) in &jobs {
        let folder = folder();
        let srv = folder.path().join("srv");
        let here = here(command, &srv);
        let export = root().join("fixtures/exports/october.csv");
        fs::copy(export, srv.join("exports/october.csv")).unwrap();
        settle(&srv.join("exports/october.csv"));
        let said = text(&shell(&here, folder.path(), "/usr/bin:/bin"));
        assert!(said.contains("claimlint ended with 1"), "{place}: {said}");
        let report = fs::read_to_string(srv.join("reports/findings.csv")).unwrap();
        assert!(report.contains("CII001"), "{place}: {report}");
        // Nothing to mail when all is well, and a word when there was nothing to check.
        fs::write(srv.join("exports/october.csv"), "Claim No,CPT\nC1,99213\n").unwrap();
        settle(&srv.join("exports/october.csv"));
        let said = text(&shell(&here, folder.path(), "/usr/bin:/bin"));
        assert_eq!(said, "", "{place}");
        fs::remove_file(srv.join("exports/october.csv")).unwrap();
        let said = text(&shell(&here, folder.path(), "/usr/bin:/bin"));
        assert!(said.contains("claimlint ended with 2"), "{place}: {said}");
    }
    assert!(!jobs.is_empty(), "no line for cron is left");
}

#[test]
fn the_line_that_takes_files_in_mails_only_what_it_refused() {
    let jobs = jobs(true);
    for (place, command) in &jobs {
        let folder = folder();
        let srv = folder.path().join("srv");
        let here = here(command, &srv);
        fs::write(srv.join("published/cpt_2026.csv"), "cpt\n99213\n").unwrap();
        for _ in 0..2 {
            assert_eq!(text(&shell(&here, folder.path(), "/usr/bin:/bin")), "", "{place}");
        }
        assert!(srv.join("refdata/procedures@2026.clref").exists(), "{place}");
        fs::write(srv.join("published/other_2026.csv"), "cpt\n99214\n").unwrap();
        let said = text(&shell(&here, folder.path(), "/usr/bin:/bin"));
        assert!(said.contains("other_2026.csv"), "{place}: {said}");
    }
    assert!(!jobs.is_empty(), "no line for cron takes files in");
}

#[test]
fn links_lead_somewhere() {
    let mut complaints = Vec::new();
    for page in pages() {
        let text = fs::read_to_string(&page).unwrap();
        let links = text.split("](").skip(1).filter_map(|rest| rest.split(')').next());
        for link in links.filter(|link| !link.starts_with("https://")) {
            if !page.with_file_name(link).exists() {
                complaints.push(format!("{}: no file {link}", page.display()));
            }
        }
    }
    assert!(complaints.is_empty(), "{}", complaints.join("\n"));
}

#[test]
fn blocks_commands_and_gaps_are_understood() {
    let text = "a\n```console\n$ x 1\none\n…\n# exit 1\n$ y\n```\n```\nz\n```\n";
    let blocks = blocks_of("a.md", text);
    assert_eq!(blocks.len(), 2);
    assert_eq!(blocks[0].place, "a.md:2");
    let shown = shown(&blocks[0]);
    assert_eq!(shown.len(), 2);
    assert_eq!((shown[0].exit, shown[1].exit), (1, 0));
    assert_eq!(shown[0].output, ["one", "…"]);
    assert!(occurs("checked 5 lines, … : 1 error", "checked 5 lines, 0.1 s, x : 1 error"));
    assert!(!occurs("b…a", "a b"));
    assert!(!occurs("5 lines", "6 lines"));
}
