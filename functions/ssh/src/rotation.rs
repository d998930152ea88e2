//! The four steps for SSH keys.

use crate::{
    authorized_keys::{Entry, added, removed},
    session::{Failure, Target},
};
use async_trait::async_trait;
use rotation_steps::{Credential, Fault, Rotation, Run, keys};
use russh::keys::decode_secret_key;
use secrecy::ExposeSecret as _;

/// First line of what a script writes: a forced command or a banner is no answer.
const MARK: &str = "claviger 1\n";
/// Writes the checksum and the text of the file.
const READ: &str =
    r#"set -eu; f="$HOME/.ssh/authorized_keys"; printf "claviger 1\n"; cksum < "$f"; cat "$f""#;
/// Its input is the checksum of the file as it was read, the length of the new text, and the new text. The file is replaced as a
/// whole, and only by a whole text, where nobody else has changed it meanwhile.
const WRITE: &str = r#"set -eu; umask 077; f=$(readlink -f "$HOME/.ssh/authorized_keys"); IFS= read -r was; IFS= read -r size; t=$(mktemp "$f.XXXXXX"); trap "rm -f \"$t\"" EXIT; cp -p "$f" "$t"; cat > "$t"; [ $(($(wc -c < "$t"))) -eq "$size" ] || exit 8; [ "$(cksum < "$f")" = "$was" ] || exit 9; mv "$t" "$f"; trap - EXIT; printf "claviger 1\n""#;
const CUT_OFF: u32 = 8;
const CHANGED: u32 = 9;
/// How often a change is tried while others change the file.
const ATTEMPTS: u32 = 3;

/// Rotates the key of an account on a server.
pub struct SshRotation {
    /// The previous key stays in the file until the next rotation.
    pub keeps_previous: bool,
}

/// Changes the file, as an account that may: `change` returns the new text, or none if nothing is to be done.
async fn edit(
    target: &Target,
    change: impl Fn(&str) -> Result<Option<String>, Fault>,
) -> Result<(), Failure> {
    for _ in 0..ATTEMPTS {
        let (output, status) = target.run(READ, Vec::new()).await?;
        let read = output.strip_prefix(MARK).filter(|_| status == 0);
        let (sum, text) = read.and_then(|it| it.split_once('\n')).ok_or_else(|| {
            Fault::new(
                "~/.ssh/authorized_keys cannot be read: the account needs a shell, and the current key no forced command",
            )
        })?;
        let Some(new) = change(text)? else {
            return Ok(());
        };
        let input = format!("{sum}\n{}\n{new}", new.len()).into_bytes();
        let (output, status) = target.run(WRITE, input).await?;
        match status {
            0 if output == MARK => return Ok(()),
            CHANGED => {}
            CUT_OFF => {
                return Err(Fault::new("the new file arrived cut off; nothing was changed").into());
            }
            _ => {
                return Err(Fault::new(
                    "~/.ssh/authorized_keys cannot be written: check its owner, its folder and the disk",
                )
                .into());
            }
        }
    }
    Err(Fault::new("~/.ssh/authorized_keys is changed by others all the time; nothing was changed")
        .into())
}

impl SshRotation {
    /// The key of a value, in base64.
    fn key(value: &Credential) -> Result<String, Fault> {
        Target::of(value)?.public_key()
    }
}

#[async_trait]
impl Rotation for SshRotation {
    /// The server hears of the key in `set`: until then nothing can be left behind.
    async fn create(&self, run: &Run<'_>, current: &Credential) -> Result<Credential, Fault> {
        Target::of(current)?;
        let pair = keys::generate(&run.name())?;
        let mut new = current.clone();
        new.set("private_key", pair.private);
        new.set("public_key", pair.public.into());
        Ok(new)
    }

    async fn discard(&self, _: &Run<'_>, _: &Credential, _: &Credential) -> Result<(), Fault> {
        Ok(())
    }

    async fn set(&self, _: &Run<'_>, new: &Credential, current: &Credential) -> Result<(), Fault> {
        let line = new.required("public_key")?;
        let old = Self::key(current)?;
        let change = |text: &str| added(text, &old, line.expose_secret());
        match edit(&Target::of(current)?, change).await {
            Ok(()) => Ok(()),
            Err(Failure::Other(fault)) => Err(fault),
            // The new key may be there already.
            Err(Failure::Refused) => Target::of(new)?.sign_in().await.map_err(|failure| match failure {
                Failure::Refused => {
                    Fault::new("the server accepts neither the current key nor the new one: add the current key again")
                }
                Failure::Other(fault) => fault,
            }),
        }
    }

    async fn test(&self, _: &Run<'_>, credential: &Credential) -> Result<(), Fault> {
        Target::of(credential)?.sign_in().await?;
        // A server that accepts every key proves nothing.
        let strange = keys::generate("claviger-control")?;
        let strange = decode_secret_key(strange.private.expose_secret(), None)
            .map_err(|_| Fault::new("the key pair cannot be made"))?;
        match Target::of(credential)?.with_key(strange).sign_in().await {
            Err(Failure::Refused) => Ok(()),
            Ok(()) => Err(Fault::new("the server accepts any key, so signing in proves nothing")),
            Err(Failure::Other(fault)) => Err(fault.during("with a key that it must refuse")),
        }
    }

    fn check_revocable(&self, credential: &Credential) -> Result<(), Fault> {
        Target::of(credential).map(drop)
    }

    fn is_same(&self, one: &Credential, other: &Credential) -> bool {
        matches!((Self::key(one), Self::key(other)), (Ok(one), Ok(other)) if one == other)
    }

    async fn revoke(
        &self,
        run: &Run<'_>,
        old: &Credential,
        proven: &Credential,
    ) -> Result<(), Fault> {
        let (old_key, new_key) = (Self::key(old)?, Self::key(proven)?);
        let is_removed = |entry: &Entry<'_>| {
            entry.key == old_key || (entry.key != new_key && run.is_leftover(entry.comment))
        };
        let target = Target::of(proven)?;
        edit(&target, |text| Ok(removed(text, is_removed))).await?;
        match Target::of(old)?.sign_in().await {
            Err(Failure::Refused) => {}
            Ok(()) => {
                return Err(Fault::new(
                    "the old key was removed from ~/.ssh/authorized_keys, but the server still accepts it: look for it in other files",
                ));
            }
            Err(Failure::Other(fault)) => {
                return Err(
                    fault.during("whether the server still accepts the old key is not known")
                );
            }
        }
        target.sign_in().await.map_err(|failure| {
            Fault::from(failure)
                .during("after the removal of the old key the new one no longer works")
        })
    }

    fn keeps_previous(&self) -> bool {
        self.keeps_previous
    }
}
