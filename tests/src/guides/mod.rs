//! The guides under `docs/guides`, run word for word: each block of shell is run as it stands, in order and in one shell,
//! and what it prints must be what the guide shows below it.

use std::{fmt::Write as _, fs, path::Path};

use tokio::process::Command;

use crate::{
    faults::assert_projections_hold,
    harness::{World, said},
};

/// A block of a guide.
struct Block {
    line: usize,
    language: String,
    text: String,
}

impl Block {
    /// All fenced blocks of a text.
    fn all(markdown: &str) -> Vec<Self> {
        let mut blocks = Vec::new();
        let mut lines = (1..).zip(markdown.lines());
        while let Some((line, fence)) = lines.next() {
            let Some(language) = fence.strip_prefix("```") else { continue };
            let text = lines.by_ref().map(|(_, text)| text).take_while(|text| *text != "```");
            let text = text.fold(String::new(), |all, line| all + line + "\n");
            blocks.push(Self { line, language: language.to_owned(), text });
        }
        blocks
    }

    fn is_shell(&self) -> bool {
        self.language == "sh"
    }
}

/// Runs a guide on a server of its own, and audits what it left.
async fn follow(name: &str) {
    let guide = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides").join(name);
    let guide = fs::read_to_string(guide).expect("the guide is there");
    let blocks = Block::all(&guide);
    assert!(blocks.iter().filter(|block| block.is_shell()).count() > 5, "{name} shows too little");
    // as a server is unless configured otherwise: with notices
    let mut world = World::start_with(&[("DAYBOOK_NOTICES", "console")]).await;
    let home = tempfile::tempdir().expect("a directory");
    let printed = |block: &Block, what: &str| home.path().join(format!("{}.{what}", block.line));
    let mut script = "set -euo pipefail\n".to_owned();
    for block in blocks.iter().filter(|block| block.is_shell()) {
        let [out, err] = ["out", "err"].map(|what| printed(block, what));
        let (out, err) = (out.display(), err.display());
        write!(script, "exec >'{out}' 2>'{err}'\n{}", block.text).expect("a text takes any text");
    }
    let mut shell = Command::new("bash");
    shell.arg("-c").arg(script).current_dir(home.path());
    shell.env("DAYBOOK_URL", world.servers[0].url()).env("DAYBOOK_KEY", world.admin_key());
    let ended = shell.output().await.expect("there is a shell");
    let mut last: Option<&Block> = None;
    for block in &blocks {
        if block.is_shell() {
            let Ok(wrong) = fs::read_to_string(printed(block, "err")) else {
                let last = last.map_or(0, |block| block.line);
                panic!("{name} ended with the block of line {last}: {}", said(&ended))
            };
            let out = fs::read_to_string(printed(block, "out")).expect("beside what went wrong");
            assert_eq!(wrong, "", "{name}:{} printed {out}", block.line);
            last = Some(block);
        } else if let Some(shell) = last {
            let out = fs::read_to_string(printed(shell, "out")).expect("it was run");
            assert_eq!(out, block.text, "what {name}:{} prints", shell.line);
        }
    }
    assert!(ended.status.success(), "{name}: {}", said(&ended));
    world.audit().await.assert_sound().await;
    assert_projections_hold(&world).await;
    let stopped = world.server().stop().await;
    assert!(stopped.success(), "{stopped}");
}

macro_rules! guides {
    ($($test:ident: $name:literal;)*) => {
        $(
            #[tokio::test]
            async fn $test() {
                follow($name).await;
            }
        )*

        #[test]
        fn every_guide_is_run() {
            let all = fs::read_dir(Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/guides"));
            let all = all.expect("there are guides").map(|entry| entry.expect("it is there").file_name());
            let mut all: Vec<_> = all.map(|name| name.to_string_lossy().into_owned()).collect();
            all.sort();
            assert_eq!(all, [$($name),*]);
        }
    };
}

guides! {
    accounts_and_dashboards: "accounts-and-dashboards.md";
    appointments: "appointments.md";
    events: "events.md";
    rooms: "rooms.md";
    travel: "travel.md";
}
