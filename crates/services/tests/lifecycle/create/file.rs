//! A file as the value: text stays text, other bytes are binary, and neither is kept.

use super::*;
use claviger_domain::creation::ShapeFault;

/// The canary, and bytes that are no text.
fn binary() -> Vec<u8> {
    [CANARY.as_bytes(), &[0xff, 0, 13, 10]].concat()
}

impl Fixture {
    async fn submit_file(
        &self,
        form: &CreationForm,
        file: &[u8],
    ) -> Result<CreationRow, ServiceError> {
        let hash = self.draft(&eve(), form).await.preview.unwrap().hash;
        let value = TypedValue::bytes(file.to_vec());
        self.services.creations().submit(&eve(), form, false, &hash, value).await
    }

    async fn enter_file(
        &self,
        row: &CreationRow,
        file: &[u8],
    ) -> Result<CreationRow, ServiceError> {
        let value = TypedValue::bytes(file.to_vec());
        let form = CreationForm::default();
        self.services.creations().enter_value(&eve(), &row.id.to_string(), &form, value).await
    }

    /// The value of the last call: whether it is binary, and its bytes.
    fn created(&self) -> (bool, Vec<u8>) {
        self.aws.created_values().pop().unwrap()
    }
}

fn faults(error: ServiceError) -> Vec<ShapeFault> {
    assert!(!format!("{error:?}").contains(CANARY));
    match error {
        ServiceError::Shape(faults) => faults,
        other => panic!("{other:?}"),
    }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_file_is_the_value_and_is_kept_nowhere(pool: PgPool) {
    let fixture = console(&pool).await;
    let recorder = Recorder::default();
    let recording = recorder.begin();
    let row = fixture.submit_file(&form(), &binary()).await.unwrap();
    assert_eq!(row.state, CreationState::Created);
    assert_eq!(fixture.created(), (true, binary()));
    let text = CreationForm { name: "payments/text".into(), ..form() };
    let lines = format!("{CANARY}é\r\n");
    fixture.submit_file(&text, lines.as_bytes()).await.unwrap();
    assert_eq!(fixture.created(), (false, lines.into()), "to the last character");
    fixture.submit_file(&parameter(), CANARY.as_bytes()).await.unwrap();
    assert_eq!(fixture.created(), (false, CANARY.into()));

    // After an approval.
    let row = fixture.submit(&production_of("payments/approved")).await.unwrap();
    fixture.decide(&ben(), &row, CreationTransition::Approve).await.unwrap();
    let row = fixture.enter_file(&row, &binary()).await.unwrap();
    assert_eq!(row.state, CreationState::Created);
    assert_eq!(fixture.created(), (true, binary()));
    fixture.work().await;
    drop(recording);
    let dump = fixture.dump().await;
    assert!(dump.contains("payments/approved") && !dump.contains(CANARY), "in a table");
    // Bytes that are no text would be in a dump as hexadecimal digits.
    let hex = claviger_domain::audit::hex(CANARY.as_bytes());
    assert!(!dump.contains(&hex), "in a table");
    let log = recorder.text();
    assert!(log.contains("enter_value") && !log.contains(CANARY) && !log.contains(&hex));
}

fn production_of(name: &str) -> CreationForm {
    CreationForm { name: name.into(), ..production() }
}

#[sqlx::test(migrations = "../../migrations")]
async fn a_file_that_is_no_value_names_its_field_before_the_first_call(pool: PgPool) {
    let fixture = console(&pool).await;
    let advanced = CreationForm { tier: "Advanced".into(), ..parameter() };
    let pairs = CreationForm { format: "pairs".into(), ..form() };
    let twice = format!(r#"{{"a":"{CANARY}","a":1}}"#).into_bytes();
    for (field, form, file) in [
        ("value", form(), Vec::new()),
        ("value", form(), vec![0xff; 65_537]),
        ("value", form(), vec![b'x'; 65_537]),
        ("value", form(), twice),
        ("value", parameter(), binary()),
        ("value", parameter(), vec![b'x'; 4_097]),
        ("value", advanced.clone(), vec![b'x'; 8_193]),
        ("format", pairs, b"a=1".to_vec()),
    ] {
        let found = faults(fixture.submit_file(&form, &file).await.unwrap_err());
        assert_eq!(found[0].field, field, "{} bytes: {found:?}", file.len());
    }
    assert!(fixture.aws.creations().is_empty(), "nothing is called");
    fixture.submit_file(&advanced, &vec![b'x'; 8_192]).await.unwrap();

    // The shape stays approved, and waits for another value.
    let row = fixture.submit(&production_of("payments/approved")).await.unwrap();
    fixture.decide(&ben(), &row, CreationTransition::Approve).await.unwrap();
    let found = faults(fixture.enter_file(&row, &vec![0xff; 65_537]).await.unwrap_err());
    assert_eq!(found[0].field, "value");
    assert_eq!(fixture.row(&row).await.state, CreationState::Approved);
    assert_eq!(fixture.enter_file(&row, b"x").await.unwrap().state, CreationState::Created);
}
