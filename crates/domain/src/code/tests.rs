//! What the writers make of names and texts that people choose.

use super::{hcl::Block, *};
use proptest::prelude::*;
use rstest::rstest;
use serde_json::json;

#[rstest]
#[case("payments/db-url", "payments_db_url")]
#[case("rds!db-1", "rds_db_1")]
#[case("0/a", "secret_0_a")]
#[case("größe", "gr_e")]
#[case("密", "secret")]
fn a_label_is_one_that_terraform_takes(#[case] name: &str, #[case] label: &str) {
    assert_eq!(hcl::label(name, "secret"), label);
}

#[rstest]
#[case("plain", r#""plain""#)]
#[case("a \"b\" \\ c", r#""a \"b\" \\ c""#)]
#[case("${aws:username}", r#""$${aws:username}""#)]
#[case("%{if}", r#""%%{if}""#)]
#[case("$${a}", r#""\u0024$${a}""#)]
#[case("$5 {x} 100%", r#""$5 {x} 100%""#)]
#[case("a\nb\tc\u{8}", r#""a\nb\tc\u0008""#)]
#[case("größe 密", r#""größe 密""#)]
fn a_string_of_terraform_is_this_text(#[case] text: &str, #[case] written: &str) {
    assert_eq!(hcl::quoted(text), written);
}

#[test]
fn a_document_keeps_policy_variables() {
    let policy = json!({"Statement": [{"Resource": "arn:aws:s3:::b/${aws:username}/$${x}"}]});
    let text = hcl::document(&policy);
    assert!(text.starts_with("<<-JSON\n    {\n"), "{text}");
    assert!(text.ends_with("\n  JSON"), "{text}");
    assert!(text.contains("b/$${aws:username}/\\u0024$${x}"), "{text}");
}

#[test]
fn a_block_is_aligned_as_terraform_does() {
    let mut inner = Block::new("replica");
    inner.text("region", "eu-west-1").text("kms_key_id", "alias/a");
    let mut block = Block::new("resource \"a\" \"b\"");
    block.text("name", "x").text("description", "y").map("tags", [("a", "1"), ("long key", "2")]);
    block.comment("A note.\nIn one line.").block(inner).set("last", "true");
    let written = "\
resource \"a\" \"b\" {
  name        = \"x\"
  description = \"y\"

  tags = {
    \"a\"        = \"1\"
    \"long key\" = \"2\"
  }

  # A note.?In one line.
  replica {
    region     = \"eu-west-1\"
    kms_key_id = \"alias/a\"
  }

  last = true
}
";
    assert_eq!(block.render(), written);
}

#[test]
fn an_empty_map_is_not_written() {
    let mut block = Block::new("a");
    assert_eq!(block.map("tags", []).render(), "a {\n}\n");
}

#[rstest]
#[case("payments/api-key", "PaymentsApiKey")]
#[case("0a", "Secret0a")]
#[case("", "Secret")]
fn a_class_begins_with_a_letter(#[case] name: &str, #[case] class: &str) {
    assert_eq!(typescript::class(name, "Secret"), class);
}

#[rstest]
#[case("/payments/db url", 40, "payments-db-url")]
#[case("a/b/c", 4, "a-b")]
#[case("größe", 40, "gr-e")]
#[case("密", 40, "")]
fn a_hyphenated_name_ends_with_no_hyphen(
    #[case] name: &str,
    #[case] max: usize,
    #[case] written: &str,
) {
    assert_eq!(hyphenated(name, max), written);
}

#[test]
fn yaml_quotes_what_it_would_read_as_something_else() {
    for text in ["true", "No", "1", "", "a: b", "- a", "*", "2012-10-17", "a #b", "密"] {
        assert!(yaml::string(text).starts_with('"'), "{text}");
    }
    assert_eq!(yaml::string("eu-west-1"), "eu-west-1");
    assert_eq!(yaml::string("a\u{85}b\u{2028}"), "\"a\\u0085b\\u2028\"");
    assert_eq!(yaml::single_quoted("it's"), "'it''s'");
}

#[test]
fn a_quote_ends_no_word_of_a_shell() {
    assert_eq!(shell::quoted("it's $HOME"), r"'it'\''s $HOME'");
    assert_eq!(shell::quoted(""), "''");
}

/// Reads a string of HCL as Terraform does: escapes, and doubled signs of templates.
fn read_hcl(written: &str) -> Option<String> {
    let mut rest = written.strip_prefix('"')?.strip_suffix('"')?;
    let mut text = String::new();
    while let Some(c) = rest.chars().next() {
        if let Some(after) = rest.strip_prefix("$${") {
            text.push_str("${");
            rest = after;
        } else if let Some(after) = rest.strip_prefix("%%{") {
            text.push_str("%{");
            rest = after;
        } else if rest.starts_with("${") || rest.starts_with("%{") || c == '"' || c == '\n' {
            return None;
        } else if let Some(after) = rest.strip_prefix('\\') {
            let sign = after.chars().next()?;
            rest = &after[1..];
            match sign {
                'n' => text.push('\n'),
                'r' => text.push('\r'),
                't' => text.push('\t'),
                '"' | '\\' => text.push(sign),
                'u' => {
                    text.push(char::from_u32(u32::from_str_radix(rest.get(..4)?, 16).ok()?)?);
                    rest = &rest[4..];
                }
                _ => return None,
            }
        } else {
            text.push(c);
            rest = &rest[c.len_utf8()..];
        }
    }
    Some(text)
}

proptest! {
    #[test]
    fn terraform_reads_the_text_that_was_meant(text in "[a$%{}\"\\\\\n\u{7}ü]{0,12}") {
        prop_assert_eq!(read_hcl(&hcl::quoted(&text)), Some(text));
    }

    #[test]
    fn a_comment_stays_in_its_line(text in any::<String>()) {
        let written = in_comment(&text);
        prop_assert_eq!(written.lines().count().max(1), 1);
        prop_assert!(!written.contains('\n') && !written.contains('\r'));
    }
}
