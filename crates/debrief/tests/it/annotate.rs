//! What the GitHub Action runs: findings as workflow commands, and a file of SARIF.

use std::process::Command;

#[test]
fn findings_stand_beside_their_lines() {
    let folder = tempfile::tempdir().unwrap();
    let text = "# Late mail\n\nThe vendor failed to call, 100% of the time: always.\n";
    std::fs::write(folder.path().join("late mail.md"), text).unwrap();
    let script = concat!(env!("CARGO_MANIFEST_DIR"), "/../../dev/annotate");
    let run = |fail_on: &str| {
        Command::new("bash")
            .arg(script)
            .current_dir(folder.path())
            .env("PROGRAM", env!("CARGO_BIN_EXE_debrief"))
            .env("FILES", "late mail.md\n.")
            .env("SARIF", "found.sarif")
            .env("FAIL_ON", fail_on)
            .output()
            .unwrap()
    };
    let quiet = run("");
    let said = String::from_utf8(quiet.stdout).unwrap();
    assert!(quiet.status.success(), "{}", String::from_utf8_lossy(&quiet.stderr));
    let line = "::notice file=late mail.md,line=3,endLine=3,col=12,title=OM-1 Somebody failed to::";
    assert!(said.contains(line), "{said}");
    assert!(folder.path().join("found.sarif").exists());
    assert!(!run("note").status.success(), "it fails if asked to");
}

#[test]
fn the_hook_asks_about_what_is_committed_and_needs_no_installation() {
    let hooks = concat!(env!("CARGO_MANIFEST_DIR"), "/../../.pre-commit-hooks.yaml");
    let hooks = std::fs::read_to_string(hooks).unwrap();
    let entry = hooks.lines().find_map(|line| line.trim().strip_prefix("entry: ")).unwrap();
    let mut words = entry.split_whitespace();
    assert_eq!(words.next(), Some("debrief"), "pre-commit starts the installed program");
    let folder = tempfile::tempdir().unwrap();
    std::fs::write(folder.path().join("late.md"), "The vendor failed to call.\n").unwrap();
    std::fs::write(folder.path().join("calm.md"), "The vendor called at nine.\n").unwrap();
    let run = Command::new(env!("CARGO_BIN_EXE_debrief"))
        .args(words)
        .args(["late.md", "calm.md"])
        .current_dir(folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8(run.stdout).unwrap();
    assert!(
        run.status.success(),
        "a question never stops a commit: {}",
        String::from_utf8_lossy(&run.stderr)
    );
    assert!(said.contains("late.md") && said.contains("OM-1") && !said.contains("calm.md"), "{said}");
    let left = std::fs::read_dir(folder.path()).unwrap().count();
    assert_eq!(left, 2, "nothing was made: no installation, no report");
}
