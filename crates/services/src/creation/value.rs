//! The first value, as it was typed.

use claviger_domain::{
    creation::{
        CreationForm, JsonTemplate, NewResource, ShapeFault, ValueFormat, check_value, repeated_key,
    },
    facts::Kind,
};
use claviger_gateways::{JsonFields, NewValue, SecretValue, json_object};
use secrecy::{ExposeSecret, SecretBox, SecretString};

/// What a person typed: a text, or the fields of a template by their JSON keys.
#[derive(Debug, Default)]
pub struct TypedValue {
    pub text: SecretString,
    pub fields: JsonFields,
    /// Of a file, instead of the text.
    pub file: Option<SecretBox<Vec<u8>>>,
}

impl TypedValue {
    pub fn text(text: impl Into<SecretString>) -> Self {
        Self { text: text.into(), ..Self::default() }
    }

    /// What a file holds: text, or bytes.
    pub fn bytes(bytes: Vec<u8>) -> Self {
        Self { file: Some(SecretBox::new(Box::new(bytes))), ..Self::default() }
    }

    /// The value to create, or the field in which it cannot be. The text of a value is in no error.
    pub(super) fn read(
        self,
        form: &CreationForm,
        new: &NewResource,
    ) -> Result<NewValue, ShapeFault> {
        let format = form.value_format()?;
        if self.file.is_some() && !matches!(format, ValueFormat::Text) {
            return Err(ShapeFault::new("format", "A file is stored as it is: choose Text."));
        }
        let value = match format {
            ValueFormat::Generated => {
                return Ok(NewValue::Generated { rules: form.password_rules()?, into: None });
            }
            ValueFormat::Text => match self.file {
                None => self.text,
                Some(file) => match std::str::from_utf8(file.expose_secret()) {
                    Ok(text) => text.into(),
                    Err(_) => return binary(new, file),
                },
            },
            ValueFormat::Pairs => {
                let pairs = pairs(&self.text)?;
                json_object(pairs.iter().map(|(key, text)| (key.as_str(), text)))
            }
            ValueFormat::Template(template) => match filled(template, self.fields)? {
                (fields, None) => {
                    json_object(fields.iter().map(|(key, text)| (key.as_str(), text)))
                }
                (fields, Some(key)) => {
                    let rules = form.password_rules()?;
                    return Ok(NewValue::Generated { rules, into: Some((fields, key)) });
                }
            },
        };
        if let Some(fault) = check_value(new, value.expose_secret().len()) {
            return Err(fault);
        }
        if let Some(key) = repeated_key(value.expose_secret()) {
            let reason = format!("The JSON has the key {key} twice: keep one.");
            return Err(ShapeFault::new("value", reason));
        }
        Ok(NewValue::Given(SecretValue::Text(value)))
    }
}

/// Bytes that are no text.
fn binary(new: &NewResource, bytes: SecretBox<Vec<u8>>) -> Result<NewValue, ShapeFault> {
    if new.kind() == Kind::Parameter {
        return Err(ShapeFault::new("value", "A parameter's value is text: this is binary."));
    }
    match check_value(new, bytes.expose_secret().len()) {
        Some(fault) => Err(fault),
        None => Ok(NewValue::Given(SecretValue::Binary(bytes))),
    }
}

/// `key=value` lines. A value may hold any character but a line break.
fn pairs(text: &SecretString) -> Result<JsonFields, ShapeFault> {
    let mut fields: JsonFields = Vec::new();
    let lines = text.expose_secret().lines().enumerate();
    for (at, line) in lines.filter(|(_, line)| !line.trim().is_empty()) {
        let Some((key, value)) = line.split_once('=') else {
            let reason = format!("Line {} has no =: write each as key=value.", at + 1);
            return Err(ShapeFault::new("value", reason));
        };
        let key = key.trim();
        if key.is_empty() || fields.iter().any(|(other, _)| other == key) {
            let reason = format!("Line {} has no key of its own.", at + 1);
            return Err(ShapeFault::new("value", reason));
        }
        fields.push((key.to_owned(), value.into()));
    }
    if fields.is_empty() {
        return Err(ShapeFault::new("value", "Enter at least one key=value line."));
    }
    Ok(fields)
}

/// The fields of a template that were filled in, and the key whose text is to be generated.
fn filled(
    template: JsonTemplate,
    typed: JsonFields,
) -> Result<(JsonFields, Option<String>), ShapeFault> {
    let mut fields: JsonFields = Vec::new();
    let mut generated = None;
    for field in template.fields() {
        let text = typed.iter().find(|(key, _)| key == field.key).map(|(_, text)| text);
        match text.filter(|text| !text.expose_secret().is_empty()) {
            Some(text) => fields.push((field.key.to_owned(), text.clone())),
            None if template.generated_field() == Some(field.key) => {
                generated = Some(field.key.to_owned());
            }
            None if field.is_required => {
                let reason = format!("Enter the {}.", field.label.to_lowercase());
                return Err(ShapeFault::new(&format!("value.{}", field.key), reason));
            }
            None => {}
        }
    }
    Ok((fields, generated))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn shape(kind: &str) -> (CreationForm, NewResource) {
        let form = CreationForm {
            account: "441205839201".into(),
            region: "eu-west-1".into(),
            kind: kind.into(),
            name: "db".into(),
            ..CreationForm::default()
        };
        let new = form.read().unwrap();
        (form, new)
    }

    fn read(format: &str, value: TypedValue) -> Result<NewValue, ShapeFault> {
        let (form, new) = shape("secret");
        value.read(&CreationForm { format: format.into(), ..form }, &new)
    }

    fn text(value: NewValue) -> String {
        match value {
            NewValue::Given(SecretValue::Text(text)) => text.expose_secret().to_owned(),
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn pairs_become_json() {
        let value = read("pairs", TypedValue::text("user=app\n\npassword=a=\"b\\\t\u{1}")).unwrap();
        let json: serde_json::Value = serde_json::from_str(&text(value)).unwrap();
        assert_eq!(json["user"], "app");
        assert_eq!(json["password"], "a=\"b\\\t\u{1}");
        for wrong in ["", "user", "=x", "a=1\na=2"] {
            let fault = read("pairs", TypedValue::text(wrong)).unwrap_err();
            assert_eq!(fault.field, "value", "{wrong}");
        }
    }

    #[test]
    fn a_template_asks_for_what_it_needs_and_generates_the_rest() {
        let typed = |fields: &[(&str, &str)]| TypedValue {
            fields: fields.iter().map(|(key, text)| ((*key).to_owned(), (*text).into())).collect(),
            ..TypedValue::default()
        };
        let most = [("engine", "postgres"), ("host", "db"), ("username", "app")];
        let fault = read("database", typed(&most[..2])).unwrap_err();
        assert_eq!(fault.field, "value.username");
        match read("database", typed(&most)).unwrap() {
            NewValue::Generated { into: Some((fields, key)), .. } => {
                assert_eq!((fields.len(), key.as_str()), (3, "password"));
            }
            other => panic!("{other:?}"),
        }
        let all = [most.as_slice(), &[("password", "pw")]].concat();
        let json: serde_json::Value =
            serde_json::from_str(&text(read("database", typed(&all)).unwrap())).unwrap();
        assert_eq!(json["password"], "pw");
        assert!(read("ssh-key", typed(&[("username", "a")])).is_err(), "a key is not a password");
    }

    #[test]
    fn a_file_is_text_where_it_can_be() {
        assert_eq!(text(read("text", TypedValue::bytes(b"abc".to_vec())).unwrap()), "abc");
        let binary = read("text", TypedValue::bytes(vec![0xff, 0]));
        assert!(matches!(binary, Ok(NewValue::Given(SecretValue::Binary(_)))), "{binary:?}");
        let (form, new) = shape("parameter");
        let fault = TypedValue::bytes(vec![0xff, 0]).read(&form, &new).unwrap_err();
        for format in ["pairs", "database", "generated"] {
            let fault = read(format, TypedValue::bytes(b"a=1".to_vec())).unwrap_err();
            assert_eq!(fault.field, "format", "a file is not left out");
        }
        assert!(fault.reason.contains("is text"), "{}", fault.reason);
    }

    #[test]
    fn what_does_not_fit_is_refused_without_its_text() {
        let twice = read("text", TypedValue::text(r#"{"a": "CANARY", "a": 1}"#)).unwrap_err();
        assert!(twice.reason.contains("twice") && !twice.reason.contains("CANARY"));
        assert!(read("text", TypedValue::text("")).is_err());
        assert!(read("text", TypedValue::bytes(vec![0xff; 65_537])).is_err());
        let (form, new) = shape("parameter");
        let long = TypedValue::text("x".repeat(4097)).read(&form, &new).unwrap_err();
        assert!(long.reason.contains("Advanced"), "{}", long.reason);
    }
}
