//! `clv` renews its sign-in with the refresh token, once, regardless of how many programs need it.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on is to fail")]

use std::{
    env, fs,
    io::{BufRead, BufReader, Read, Write},
    net::{TcpListener, TcpStream},
    os::unix::fs::PermissionsExt,
    path::PathBuf,
    process::{self, Command, Output},
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
    thread,
    time::Duration,
};

const ME: &str = r#"{"name":"Ben Ito","email":null,"roles":["requester"],"may_sweep":false,"may_request":true,
    "may_read_access":false,"may_review":false,"may_audit":false,"may_read_deliveries":false,"access":{"live":0,"to_decide":0,"reviews":0,"unread":0},
    "as_of_entry":"1","resources":1,"failures":0,"accounts":1,"accounts_failing":0,"no_role":null}"#;

/// A server and an identity provider in one: only the latest token is valid, and a refresh token only once.
struct Fixture {
    address: String,
    home: PathBuf,
    refreshes: Arc<AtomicUsize>,
    refuses: Arc<Mutex<bool>>,
}

impl Drop for Fixture {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.home);
    }
}

impl Fixture {
    fn new(name: &str) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = format!("http://{}", listener.local_addr().unwrap());
        let refreshes = Arc::new(AtomicUsize::new(0));
        let refuses = Arc::new(Mutex::new(false));
        let (counted, is_refusing) = (Arc::clone(&refreshes), Arc::clone(&refuses));
        thread::spawn(move || {
            for stream in listener.incoming() {
                let (counted, is_refusing) = (Arc::clone(&counted), Arc::clone(&is_refusing));
                thread::spawn(move || {
                    serve(stream.unwrap(), &counted, *is_refusing.lock().unwrap());
                });
            }
        });
        let home = env::temp_dir().join(format!("clv-renewal-{}-{name}", process::id()));
        fs::create_dir_all(&home).unwrap();
        Self { address, home, refreshes, refuses }
    }

    fn keep(&self, refresh: &str) {
        let text =
            format!(r#"{{"console":"{0}","token":"token-0","refresh":{refresh}}}"#, self.address);
        fs::write(self.home.join("sign-in.json"), text).unwrap();
    }

    fn refresh(&self) -> String {
        format!(
            r#"{{"token":"refresh-0","endpoint":"{}/token","client_id":"claviger-cli"}}"#,
            self.address
        )
    }

    fn whoami(&self) -> Command {
        let mut command = Command::new(env!("CARGO_BIN_EXE_clv"));
        command.arg("whoami").env("CLV_HOME", &self.home).env_remove("CLV_CONSOLE");
        command
    }

    fn kept(&self) -> serde_json::Value {
        serde_json::from_str(&fs::read_to_string(self.home.join("sign-in.json")).unwrap()).unwrap()
    }
}

fn serve(mut stream: TcpStream, refreshes: &AtomicUsize, refuses: bool) {
    let mut reader = BufReader::new(stream.try_clone().unwrap());
    let (mut line, mut length, mut token) = (String::new(), 0, String::new());
    reader.read_line(&mut line).unwrap();
    loop {
        let mut header = String::new();
        reader.read_line(&mut header).unwrap();
        let Some((name, value)) = header.trim().split_once(':') else { break };
        match name.to_ascii_lowercase().as_str() {
            "content-length" => length = value.trim().parse().unwrap(),
            "authorization" => value.trim().trim_start_matches("Bearer ").clone_into(&mut token),
            _ => {}
        }
    }
    let mut body = vec![0; length];
    reader.read_exact(&mut body).unwrap();
    let body = String::from_utf8(body).unwrap();
    let (status, answer) = if line.starts_with("POST /token") {
        let at = refreshes.fetch_add(1, Ordering::SeqCst);
        thread::sleep(Duration::from_millis(200));
        if refuses || !body.contains(&format!("refresh_token=refresh-{at}&")) {
            (400, r#"{"error":"invalid_grant"}"#.to_owned())
        } else {
            let next = at + 1;
            let answer = format!(
                r#"{{"access_token":"a","id_token":"token-{next}","refresh_token":"refresh-{next}"}}"#
            );
            (200, answer)
        }
    } else if token == format!("token-{}", refreshes.load(Ordering::SeqCst)) && token != "token-0" {
        (200, ME.to_owned())
    } else {
        let problem = r#"{"code":"sign-in-needed","message":"Your sign-in is older than 15 minutes.","hint":"Run `clv login` again."}"#;
        (401, problem.to_owned())
    };
    write!(
        stream,
        "HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {}\r\nconnection: close\r\n\r\n{answer}",
        answer.len()
    )
    .unwrap();
}

fn said(output: &Output) -> String {
    format!(
        "{}{}",
        String::from_utf8_lossy(&output.stdout),
        String::from_utf8_lossy(&output.stderr)
    )
}

#[test]
fn programs_side_by_side_renew_once() {
    let fixture = Fixture::new("side-by-side");
    fixture.keep(&fixture.refresh());
    let running: Vec<_> = (0..4)
        .map(|_| {
            let mut command = fixture.whoami();
            thread::spawn(move || command.output().unwrap())
        })
        .collect();
    for output in running {
        let output = output.join().unwrap();
        assert!(output.status.success() && said(&output).contains("Ben Ito"), "{}", said(&output));
    }
    assert_eq!(fixture.refreshes.load(Ordering::SeqCst), 1);
    assert_eq!(fixture.kept()["token"], "token-1");
    assert_eq!(fixture.kept()["refresh"]["token"], "refresh-1");
    let mode = fs::metadata(fixture.home.join("sign-in.json")).unwrap().permissions().mode();
    assert_eq!(mode & 0o777, 0o600);
}

#[test]
fn where_it_cannot_be_renewed_the_person_is_told_how() {
    let fixture = Fixture::new("refused");
    *fixture.refuses.lock().unwrap() = true;
    fixture.keep(&fixture.refresh());
    for _ in 0..2 {
        let output = fixture.whoami().output().unwrap();
        assert!(
            !output.status.success() && said(&output).contains("clv login"),
            "{}",
            said(&output)
        );
    }
    assert_eq!(
        fixture.refreshes.load(Ordering::SeqCst),
        1,
        "what was refused is not asked for again"
    );

    let fixture = Fixture::new("without");
    fixture.keep("null");
    let output = fixture.whoami().output().unwrap();
    assert!(!output.status.success() && said(&output).contains("clv login"), "{}", said(&output));
    assert_eq!(fixture.refreshes.load(Ordering::SeqCst), 0);
}
