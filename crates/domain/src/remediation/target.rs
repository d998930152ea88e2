//! What a plan changes: the findings of a list, or chosen secrets and parameters.

use super::MAX_STEPS;
use crate::{
    compliance::FindingQuery,
    filter::{InvalidFilter, has_value, parse},
    ids::ResourceId,
};
use std::str::FromStr;

/// Says in the query that its resources are meant themselves, and not their findings: `change=resources`.
const MARK: (&str, &str) = ("change", "resources");

/// What a plan changes. As text a URL query: that of a list of findings, or
/// `change=resources&resource=<id>&resource=<id>…`.
#[derive(Debug, Clone, PartialEq)]
pub enum PlanTarget {
    Findings(Box<FindingQuery>),
    /// 1 to `MAX_STEPS` secrets and parameters, each once, in the order in which they were chosen.
    Resources(Vec<ResourceId>),
}

impl PlanTarget {
    /// The URL query of these secrets and parameters.
    pub fn query_of(resources: &[ResourceId]) -> String {
        let mut query = form_urlencoded::Serializer::new(String::new());
        query.append_pair(MARK.0, MARK.1);
        for resource in resources {
            query.append_pair("resource", &resource.to_string());
        }
        query.finish()
    }
}

impl FromStr for PlanTarget {
    type Err = InvalidFilter;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let said = || {
            form_urlencoded::parse(text.as_bytes()).filter(|(field, value)| has_value(field, value))
        };
        if said().all(|(field, _)| field != MARK.0) {
            return Ok(Self::Findings(Box::new(text.parse()?)));
        }
        let mut resources = Vec::new();
        for (field, value) in said() {
            match field.as_ref() {
                "resource" => {
                    let id: ResourceId = parse(&field, &value)?;
                    if !resources.contains(&id) {
                        resources.push(id);
                    }
                }
                name if name == MARK.0 && value == MARK.1 => {}
                _ => {
                    let expected = "use change=resources, and resource for each one";
                    return Err(InvalidFilter::new(&field, &value, expected));
                }
            }
        }
        if resources.is_empty() || resources.len() > MAX_STEPS {
            let expected = format!("choose 1 to {MAX_STEPS} secrets and parameters");
            return Err(InvalidFilter::new("resource", &resources.len().to_string(), expected));
        }
        Ok(Self::Resources(resources))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ONE: &str = "00000000-0000-0000-0000-000000000001";
    const TWO: &str = "00000000-0000-0000-0000-000000000002";

    #[test]
    fn resources_are_meant_only_where_the_query_says_so() {
        let read = |text: &str| text.parse::<PlanTarget>();
        let ids: Vec<ResourceId> = [TWO, ONE].iter().map(|id| id.parse().unwrap()).collect();
        let text = PlanTarget::query_of(&ids);
        assert_eq!(read(&text).unwrap(), PlanTarget::Resources(ids.clone()));
        let ticked = format!("resource={TWO}&resource={ONE}&resource={TWO}&change=resources");
        assert_eq!(read(&ticked).unwrap(), PlanTarget::Resources(ids));
        let findings = read(&format!("resource={ONE}")).unwrap();
        assert!(matches!(findings, PlanTarget::Findings(query) if query.resources.len() == 1));
        assert!(matches!(read("").unwrap(), PlanTarget::Findings(_)));
    }

    #[test]
    fn anything_else_in_a_choice_is_refused() {
        let fault = |text: &str| text.parse::<PlanTarget>().unwrap_err().to_string();
        assert!(fault("change=resources").contains("choose 1 to 1000"));
        assert!(fault("change=resources&resource=a").contains("resource"));
        assert!(fault(&format!("change=all&resource={ONE}")).contains("change=resources"));
        assert!(fault(&format!("change=resources&resource={ONE}&policy=owner")).contains("policy"));
    }
}
