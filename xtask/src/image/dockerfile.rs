//! What the Dockerfile says, so that the check runs that and no copy of it.

use anyhow::{Context, Result, bail};
use std::collections::BTreeMap;

/// The instructions of a Dockerfile, with continued lines joined.
pub struct Dockerfile {
    instructions: Vec<(String, String)>,
}

/// How a container of the last stage starts.
#[derive(Debug, PartialEq, Eq)]
pub struct Start {
    pub user: String,
    pub environment: BTreeMap<String, String>,
    pub entrypoint: Vec<String>,
    pub command: Vec<String>,
    pub health: Vec<String>,
}

impl Dockerfile {
    pub fn parse(text: &str) -> Self {
        let mut instructions = Vec::new();
        let mut joined = String::new();
        for line in text.lines().filter(|line| !line.trim_start().starts_with('#')) {
            let line = line.trim();
            if let Some(line) = line.strip_suffix('\\') {
                joined.push_str(line.trim_end());
                joined.push(' ');
                continue;
            }
            joined.push_str(line);
            if let Some((word, rest)) = joined.split_once(' ') {
                instructions.push((word.to_ascii_uppercase(), rest.trim().to_owned()));
            }
            joined.clear();
        }
        Self { instructions }
    }

    /// The bases, by the name of their build argument.
    pub fn bases(&self) -> BTreeMap<&str, &str> {
        self.of("ARG")
            .filter_map(|argument| argument.split_once('='))
            .filter(|(name, _)| name.ends_with("_BASE"))
            .collect()
    }

    /// Bases that are not pinned: a tag can be another image tomorrow.
    pub fn unpinned(&self) -> Vec<String> {
        let named = self.bases().into_iter().map(|(name, base)| (name.to_owned(), base.to_owned()));
        // A base that is no argument and no earlier stage.
        let stages: Vec<&str> =
            self.of("FROM").filter_map(|from| Some(from.split_once(" AS ")?.1)).collect();
        let direct = self.of("FROM").filter_map(|from| {
            let base = from.split_whitespace().find(|word| !word.starts_with("--"))?;
            let is_known = base.starts_with("${") || base == "scratch" || stages.contains(&base);
            (!is_known).then(|| ("FROM".to_owned(), base.to_owned()))
        });
        named
            .chain(direct)
            .filter(|(_, base)| !is_pinned(base))
            .map(|(name, base)| format!("{name} is {base}"))
            .collect()
    }

    /// The stages' scripts of infra/image, with their arguments.
    pub fn scripts(&self) -> Vec<Vec<String>> {
        self.of("RUN")
            .map(|run| {
                run.split_whitespace()
                    .skip_while(|word| word.starts_with("--") || word.contains('='))
                    .map(ToOwned::to_owned)
                    .collect::<Vec<String>>()
            })
            .filter(|words| words.first().is_some_and(|word| word.starts_with("infra/image/")))
            .collect()
    }

    /// How a container starts.
    pub fn start(&self) -> Result<Start> {
        let from = self
            .instructions
            .iter()
            .rposition(|(word, _)| word == "FROM")
            .context("the Dockerfile has no stage")?;
        let stage = Self { instructions: self.instructions[from..].to_vec() };
        let list = |word: &str| -> Result<Vec<String>> {
            let text =
                stage.of(word).last().with_context(|| format!("the last stage has no {word}"))?;
            let written = text.find('[').map_or(text, |at| &text[at..]);
            serde_json::from_str(written)
                .with_context(|| format!("{word} is no JSON list, and the image has no shell"))
        };
        let mut environment = BTreeMap::new();
        for pair in stage.of("ENV").flat_map(str::split_whitespace) {
            let (name, value) = pair.split_once('=').with_context(|| format!("ENV {pair}"))?;
            environment.insert(name.to_owned(), value.to_owned());
        }
        let user = stage.of("USER").last().context("the last stage names no user")?.to_owned();
        let number: Option<u32> = user.split(':').next().and_then(|user| user.parse().ok());
        if number.is_none_or(|number| number == 0) {
            bail!(
                "USER is {user}: a number other than 0, so that Kubernetes can see that it is not root"
            );
        }
        Ok(Start {
            user,
            environment,
            entrypoint: list("ENTRYPOINT")?,
            command: list("CMD")?,
            health: list("HEALTHCHECK")?,
        })
    }

    fn of(&self, wanted: &str) -> impl Iterator<Item = &str> {
        self.instructions
            .iter()
            .filter(move |(word, _)| word == wanted)
            .map(|(_, rest)| rest.as_str())
    }
}

/// Whether an image is named by its digest.
fn is_pinned(image: &str) -> bool {
    image.split_once("@sha256:").is_some_and(|(_, digest)| {
        digest.len() == 64 && digest.bytes().all(|byte| byte.is_ascii_hexdigit())
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    const FILE: &str = "\
# A comment.
ARG A_BASE=docker.io/library/a:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef
ARG B_BASE=b:latest
FROM ${A_BASE} AS source
RUN ln -s a b
RUN --mount=type=cache,target=/x \\
    MORE=${MORE} infra/image/web.sh /out
FROM source AS two
FROM --platform=linux/amd64 c:2
FROM ${B_BASE}
USER 65532:65532
ENV ONE=1 \\
    # Within a continued line, too.
    TWO=2
HEALTHCHECK --interval=10s CMD [\"/usr/bin/claviger\", \"health\"]
ENTRYPOINT [\"/usr/bin/claviger\"]
CMD [\"serve\"]
";

    #[test]
    fn the_start_of_a_container_is_read() -> Result<()> {
        let start = Dockerfile::parse(FILE).start()?;
        assert_eq!(start.user, "65532:65532");
        assert_eq!(start.environment["ONE"], "1");
        assert_eq!(start.environment["TWO"], "2");
        assert_eq!(start.entrypoint, ["/usr/bin/claviger"]);
        assert_eq!(start.command, ["serve"]);
        assert_eq!(start.health, ["/usr/bin/claviger", "health"]);
        Ok(())
    }

    #[test]
    fn tags_without_a_digest_are_found() {
        assert_eq!(Dockerfile::parse(FILE).unpinned(), ["B_BASE is b:latest", "FROM is c:2"]);
    }

    #[test]
    fn stages_call_one_script_each() {
        assert_eq!(Dockerfile::parse(FILE).scripts(), [["infra/image/web.sh", "/out"]]);
    }

    #[test]
    fn root_and_shells_are_refused() {
        let root = FILE.replace("65532:65532", "root");
        assert!(Dockerfile::parse(&root).start().is_err());
        let shell = FILE.replace("CMD [\"serve\"]", "CMD serve");
        assert!(Dockerfile::parse(&shell).start().is_err());
    }
}
