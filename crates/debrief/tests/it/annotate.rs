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
