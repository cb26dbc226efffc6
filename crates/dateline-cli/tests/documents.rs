//! What the documents say is true: commands of `console` blocks run and print what stands under them, files that are named exist.

use std::path::{Path, PathBuf};
use std::process::Command;

const DOCUMENTS: [&str; 3] = ["README.md", "ARCHITECTURE.md", "CONTRIBUTING.md"];

/// Stands for any further output.
const MORE: &str = "…";

/// Lines that stand for output cut off at [`MORE`] when the documents are rewritten.
const SHOWN: usize = 23;

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..").canonicalize().unwrap()
}

/// A command of a document and the lines under it.
struct Shown {
    command: String,
    output: Vec<String>,
}

/// Document lines with, in place of each `console` block, its commands.
fn commands(text: &str) -> Vec<Shown> {
    let mut shown: Vec<Shown> = Vec::new();
    let mut inside = false;
    for line in text.lines() {
        match (inside, line) {
            (false, "```console") => inside = true,
            (true, "```") => inside = false,
            (true, line) if line.starts_with("$ ") => {
                shown.push(Shown { command: line[2..].to_string(), output: Vec::new() });
            }
            (true, line) => {
                shown.last_mut().expect("a console block begins with a command").output.push(line.to_string())
            }
            _ => {}
        }
    }
    shown
}

/// Runs a command line in `folder`, where `dateline` is the program under test and `eval` the repository's folder.
fn run(command: &str, folder: &Path) -> String {
    let program = Path::new(env!("CARGO_BIN_EXE_dateline")).parent().unwrap();
    let path = std::env::join_paths([program, Path::new("/usr/bin"), Path::new("/bin")]).unwrap();
    let output = Command::new("sh")
        .args(["-c", command])
        .current_dir(folder)
        .env("PATH", path)
        .env("COLUMNS", "80")
        .output()
        .unwrap();
    assert!(output.status.success(), "{command}: {}", String::from_utf8_lossy(&output.stderr));
    String::from_utf8(output.stdout).unwrap()
}

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    let _ = std::fs::remove_dir_all(&folder);
    std::fs::create_dir_all(folder.join("eval/gold/dev")).unwrap();
    for entry in std::fs::read_dir(root().join("eval/gold/dev")).unwrap().flatten() {
        std::fs::copy(entry.path(), folder.join("eval/gold/dev").join(entry.file_name())).unwrap();
    }
    folder
}

#[test]
fn commands_in_documents_print_what_the_documents_say() {
    for name in DOCUMENTS {
        let path = root().join(name);
        let mut text = std::fs::read_to_string(&path).unwrap();
        let folder = folder(name);
        for Shown { command, output } in commands(&text) {
            let printed = run(&command, &folder);
            let mut printed: Vec<&str> = printed.lines().collect();
            while printed.last().is_some_and(|line| line.is_empty()) {
                printed.pop();
            }
            if std::env::var_os("UPDATE_DOCS").is_some() && !output.is_empty() {
                let mut now: Vec<&str> = printed.iter().take(SHOWN).copied().collect();
                while now.len() < printed.len() && now.last().is_some_and(|line| line.is_empty()) {
                    now.pop();
                }
                if now.len() < printed.len() {
                    now.push(MORE);
                }
                let under = |lines: String| format!("$ {command}\n{lines}\n```");
                text = text.replace(&under(output.join("\n")), &under(now.join("\n")));
                continue;
            }
            match output.split_last() {
                Some((last, lines)) if last == MORE => assert_eq!(
                    printed.get(..lines.len()),
                    Some(&lines.iter().map(String::as_str).collect::<Vec<_>>()[..]),
                    "{name}: $ {command}"
                ),
                Some(_) => assert_eq!(printed, output, "{name}: $ {command}"),
                None => assert!(printed.is_empty(), "{name}: $ {command} prints:\n{}", printed.join("\n")),
            }
        }
        if std::env::var_os("UPDATE_DOCS").is_some() {
            std::fs::write(&path, text).unwrap();
        }
    }
}

#[test]
fn files_that_documents_name_exist() {
    for name in DOCUMENTS {
        let text = std::fs::read_to_string(root().join(name)).unwrap();
        let named = text.split('`').skip(1).step_by(2).filter(|word| !word.contains(' '));
        let links =
            text.split("](").skip(1).filter_map(|rest| rest.split(')').next()).filter(|link| !link.contains("://"));
        let folders = ["crates/", "eval/", "training/", "model/", "fuzz/"];
        for path in named.filter(|word| folders.iter().any(|folder| word.starts_with(folder))).chain(links) {
            assert!(root().join(path).exists(), "{name} names {path}, which does not exist");
        }
    }
}
