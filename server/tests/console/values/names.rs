//! Which secret a name means, and what is printed for it.

use super::*;

#[sqlx::test(migrations = "../migrations")]
async fn a_name_that_several_have_is_never_a_silent_choice(pool: PgPool) {
    let app = TestApp::new(pool).await;
    copy_ledger(&app, PAYMENTS, EU).await;
    copy_ledger(&app, CHECKOUT, US).await;
    let (us, eu) = (ledger_in(PAYMENTS, US), ledger_in(PAYMENTS, EU));
    let client = mira(&app);
    let found = async |query: &str| {
        let answer = client.get(&format!("/v1/resources?{query}")).await;
        let found: Vec<Candidate> = serde_json::from_str(&answer.body).unwrap();
        found.into_iter().map(|one| one.arn.to_string()).collect::<Vec<_>>()
    };
    assert_eq!(found("name=payments/ledger").await.len(), 3);
    assert_eq!(found("name=payments").await.len(), 0, "part of a name is none");
    assert_eq!(found("name=payments/ledger&region=eu-west-1").await, [eu.as_str()]);
    let of_checkout = found("name=payments/ledger&account=Checkout%20Prod").await;
    assert_eq!(of_checkout, [ledger_in(CHECKOUT, US)]);
    for arn in [&us, &eu] {
        assert_eq!(found(&format!("name={arn}")).await, [arn.as_str()]);
        let partial = &arn[..arn.len() - 7];
        assert_eq!(found(&format!("name={partial}")).await, [arn.as_str()], "{partial}");
    }
    assert_eq!(
        found("name=arn:aws:ssm:us-east-1:458812704336:parameter/checkout/jwt").await.len(),
        1
    );
    // Outside the scope there is no resource of that name.
    let elsewhere = Client { app: &app, token: as_person(&app, "eve", &["sandboxers"]) };
    for name in ["payments/ledger", us.as_str()] {
        assert_eq!(elsewhere.get(&format!("/v1/resources?name={name}")).await.body, "[]");
    }

    let access_request = |resources: &[&str], more: Value| {
        let mut access_request =
            json!({"resources": resources, "action": "read", "minutes": 5, "purpose": "So."});
        for (key, value) in more.as_object().unwrap() {
            access_request[key] = value.clone();
        }
        access_request
    };
    let several = client.post("/v1/requests", access_request(&[LEDGER], json!({}))).await;
    assert_eq!(several.status, StatusCode::CONFLICT);
    assert!(several.body.contains(r#""code":"ambiguous""#), "{}", several.body);
    assert!(several.body.contains(&us) && several.body.contains(&eu), "{}", several.body);
    let none = client.post("/v1/requests", access_request(&["payments/none"], json!({}))).await;
    assert_eq!(none.status, StatusCode::NOT_FOUND);
    let narrowed = json!({"account": PAYMENTS, "region": EU});
    let made = client.post("/v1/requests", access_request(&[LEDGER], narrowed)).await;
    let made: Requested = serde_json::from_str(&made.body).unwrap();
    let shown = client.get(&format!("/v1/grants/{}", made.grants[0])).await;
    let shown: GrantDetail = serde_json::from_str(&shown.body).unwrap();
    assert_eq!(shown.resources[0].arn.as_str(), eu);

    // Within one grant, every way of using it.
    let read = held(&app, "read", &[&us, &eu]).await;
    let write = held(&app, "write", &[&us, &eu[..eu.len() - 7]]).await;
    let rotate = held(&app, "rotate", &[&us, &eu]).await;
    let use_of = async |resource: &str| {
        let of = json!({"resource": resource});
        let value = json!({"resource": resource, "value": "x"});
        [
            client.post(&format!("/v1/grants/{read}/reveal"), of.clone()).await,
            client.post(&format!("/v1/grants/{read}/credentials"), of.clone()).await,
            client.put(&format!("/v1/grants/{write}/value"), value).await,
            client.post(&format!("/v1/grants/{rotate}/rotate"), of).await,
        ]
    };
    let before = app.aws.access.orders().len();
    for answer in use_of(LEDGER).await {
        assert_eq!(answer.status, StatusCode::CONFLICT, "{}", answer.body);
        assert!(answer.body.contains(&us) && answer.body.contains(&eu), "{}", answer.body);
    }
    assert_eq!(app.aws.access.orders().len(), before);
    assert!(app.aws.access.puts().is_empty());
    for answer in use_of("payments/none").await {
        assert_eq!(answer.status, StatusCode::FORBIDDEN, "{}", answer.body);
    }
    for answer in use_of(&eu).await {
        assert_eq!(answer.status, StatusCode::OK, "{}", answer.body);
    }
    assert_eq!(app.aws.access.puts(), [(eu.clone(), "x".to_owned())]);
    let path = format!("/v1/grants/{read}/credentials");
    let credentials = client.post(&path, json!({"resource": eu})).await;
    let credentials: Value = serde_json::from_str(&credentials.body).unwrap();
    assert_eq!(credentials["region"], EU, "of the one that was named, not of the first");
}

#[sqlx::test(migrations = "../migrations")]
async fn credentials_end_in_whole_seconds(pool: PgPool) {
    let app = TestApp::new(pool).await;
    app.clock.advance(time::Duration::nanoseconds(123_456_789));
    let grant = held(&app, "read", &[LEDGER]).await;
    let given = mira(&app).post(&format!("/v1/grants/{grant}/credentials"), json!({})).await;
    let given: Value = serde_json::from_str(&given.body).unwrap();
    let end = given["expiration"].as_str().unwrap();
    let shape = end.bytes().map(|b| if b.is_ascii_digit() { b'0' } else { b });
    assert_eq!(String::from_utf8(shape.collect()).unwrap(), "0000-00-00T00:00:00Z", "{end}");
}

#[sqlx::test(migrations = "../migrations")]
async fn the_page_prints_commands_with_region_and_arn(pool: PgPool) {
    let app = TestApp::new(pool).await;
    copy_ledger(&app, PAYMENTS, EU).await;
    let (us, eu) = (ledger_in(PAYMENTS, US), ledger_in(PAYMENTS, EU));
    let grant = held(&app, "read", &[&us, &eu]).await;
    let mut browser = app.signed_in_as("mira", &["requesters"]).await;
    let page = browser.get(&format!("/access/{grant}")).await.body;
    for (region, arn) in [(US, &us), (EU, &eu)] {
        for command in [
            format!("clv get {arn} --grant {grant}"),
            format!("clv configure --grant {grant} --secret {arn}"),
            format!(
                "aws --profile claviger-{grant} --region {region} secretsmanager get-secret-value"
            ),
        ] {
            assert!(page.contains(&command), "{command}");
        }
    }
}
