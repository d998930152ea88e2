//! Policies as files: scopes, errors with their place, packs and the schema.

use super::*;

#[rstest]
#[case("", true)]
#[case("scope: {within: {ous: [Workloads]}}", true)]
#[case("scope: {within: {ous: [ou-prod]}}", true)]
#[case("scope: {within: {ous: [Sandbox]}}", false)]
#[case("scope: {within: {kinds: [parameter]}}", false)]
#[case("scope: {within: {tags: {owner: [payments]}}}", true)]
#[case("scope: {within: {tags: {owner: [checkout]}}}", false)]
#[case("scope: {within: {names: [payments/]}}", true)]
#[case("scope: {except: [{accounts: ['441205839201']}]}", false)]
#[case("scope: {except: [{ous: [Sandbox]}, {names: [x]}]}", true)]
fn a_scope_covers_the_descendants_of_a_unit_and_its_exclusions_win(
    #[case] scope: &str,
    #[case] covered: bool,
) {
    let text = format!("id: p\ntitle: P\nseverity: high\n{scope}\nrule: {{owner: {{}}}}\n");
    let policy = read_policies(&text).unwrap().remove(0);
    assert_eq!(outcome_at(&policy, &case(), NOW).is_some(), covered);
}

#[rstest]
#[case("id: p\ntitle: P\nseverity: urgent\nrule: {owner: {}}", "line 3", "urgent")]
#[case("id: p\ntitle: P\nseverity: high\ncolour: red\nrule: {owner: {}}", "line 4", "colour")]
#[case("id: p\ntitle: P\nseverity: high\nscope: {ous: [x]}\nrule: {owner: {}}", "line 4", "ous")]
#[case("id: p\ntitle: P\nseverity: high\nrule: {ownr: {}}", "line 4", "ownr")]
#[case("id: P P\ntitle: P\nseverity: high\nrule: {owner: {}}", "id", "small letters")]
#[case("id: p\ntitle: P\nseverity: high\nrule: {value-age: {max-days: 0}}", "rule", "1 to 3650")]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {naming: {pattern: '('}}",
    "rule",
    "regular expression"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nscope: {except: [{}]}\nrule: {owner: {}}",
    "scope.except",
    "leaves out"
)]
#[case("id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\n---\nid: q\n", "line 6", "title")]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\n---\nid: p\ntitle: P\nseverity: high\nrule: {owner: {}}",
    "policy p",
    "twice"
)]
#[case("# nothing\n", "the file", "no policy")]
#[case(
    "id: p\ntitle: P\nseverity: high\nmode: enforce\nrule: {owner: {}}",
    "fix",
    "how a failure is fixed"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\nfix: {do: {rotate-now: {}}}",
    "fix.do",
    "fixed by set-tags"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {naming: {pattern: x}}\nfix: {do: {rotate-now: {}}}",
    "fix.do",
    "no AWS action"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\nfix: {do: {set-tags: {tags: {aws:x: y}}}}",
    "fix.do",
    "AWS's own"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {owner: {}}\nfix: {do: {remove-tags: {keys: [owner]}}}",
    "fix.do",
    "a policy never does remove-tags"
)]
#[case(
    "id: p\ntitle: P\nseverity: high\nrule: {rotation-stuck: {}}\nfix: {do: {roll-back: {}}}",
    "fix.do",
    "a policy never does roll-back"
)]
fn a_file_that_cannot_be_taken_says_where_and_why(
    #[case] text: &str,
    #[case] location: &str,
    #[case] why: &str,
) {
    let fault = read_policies(text).unwrap_err();
    assert!(fault.location.contains(location) && fault.reason.contains(why), "{fault:?}");
}

#[test]
fn a_fix_needs_a_second_person_unless_the_policy_says_otherwise() {
    let text = "id: p\ntitle: P\nseverity: high\nmode: enforce\nrule: {owner: {}}\nfix: {do: {set-tags: {tags: {owner: nobody}}}}";
    let fix = |text: &str| read_policies(text).unwrap().remove(0).fix.unwrap();
    assert_eq!(fix(text).approval, Approval::Required);
    let without = text.replace("}}}}", "}}}, approval: none}");
    assert_eq!(fix(&without).approval, Approval::None);
}

#[test]
fn the_packs_can_be_read_and_their_policies_have_ids_of_their_own() {
    let mut ids: Vec<String> = PACKS
        .iter()
        .flat_map(|(name, text)| read_policies(text).unwrap_or_else(|f| panic!("{name}: {f}")))
        .map(|policy| policy.id)
        .collect();
    let all = ids.len();
    ids.sort();
    ids.dedup();
    assert_eq!((ids.len(), all > 25), (all, true));
}

#[test]
fn the_published_schema_is_that_of_the_types() {
    let published = include_str!("../../../../../docs/policy.schema.json");
    // Both are long: a diff after regeneration shows the difference.
    assert!(published.trim() == json_schema(), "claviger policy schema > docs/policy.schema.json");
}
