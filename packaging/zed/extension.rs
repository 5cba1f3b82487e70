//! Starts `debrief lsp` in Zed: the program of the settings, or else the one in the path.

use zed_extension_api::{
    self as zed, settings::LspSettings, Command, Extension, LanguageServerId, Result, Worktree,
};

struct Debrief;

impl Extension for Debrief {
    fn new() -> Self {
        Self
    }

    fn language_server_command(&mut self, id: &LanguageServerId, worktree: &Worktree) -> Result<Command> {
        let set = LspSettings::for_worktree(id.as_ref(), worktree).ok().and_then(|settings| settings.binary);
        let (path, arguments) = set.map(|binary| (binary.path, binary.arguments)).unwrap_or_default();
        let command = path
            .or_else(|| worktree.which("debrief"))
            .ok_or("`debrief` is not in the path. Install it, or name it in lsp.debrief.binary.path.")?;
        let args = arguments.unwrap_or_else(|| vec!["lsp".into()]);
        Ok(Command { command, args, env: worktree.shell_env() })
    }
}

zed::register_extension!(Debrief);
