use super::*;
use futures_util::future::BoxFuture;
use std::{
    io,
    net::SocketAddr,
    sync::atomic::{AtomicUsize, Ordering},
};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpListener,
};

/// Answers a name with one list of addresses after another, and then with the last again.
#[derive(Debug)]
struct Changing {
    answers: Vec<Vec<IpAddr>>,
    asked: AtomicUsize,
}

impl Names for Changing {
    fn look_up(&self, _: String) -> BoxFuture<'static, io::Result<Vec<IpAddr>>> {
        let at = self.asked.fetch_add(1, Ordering::SeqCst).min(self.answers.len() - 1);
        let answer = self.answers[at].clone();
        Box::pin(async move { Ok(answer) })
    }
}

fn changing(answers: &[&[&str]]) -> Arc<Changing> {
    let parse = |list: &&[&str]| list.iter().map(|address| address.parse().unwrap()).collect();
    Arc::new(Changing { answers: answers.iter().map(parse).collect(), asked: AtomicUsize::new(0) })
}

/// A server that gives every connection the next answer; where it listens.
async fn server(answers: Vec<String>) -> SocketAddr {
    let listener = TcpListener::bind("127.0.0.1:0").await.unwrap();
    let address = listener.local_addr().unwrap();
    tokio::spawn(async move {
        for answer in answers {
            let (mut socket, _) = listener.accept().await.unwrap();
            let mut head = [0; 4096];
            let _ = socket.read(&mut head).await;
            let _ = socket.write_all(answer.as_bytes()).await;
        }
    });
    address
}

fn said(status: &str, headers: &str, body: &str) -> String {
    format!("HTTP/1.1 {status}\r\nconnection: close\r\ncontent-length: {}\r\n{headers}\r\n{body}", body.len())
}

fn here(address: SocketAddr) -> Outbound {
    Outbound::new(Inside::new([address.to_string()])).unwrap()
}

#[test]
fn special_addresses_are_not_public() {
    for inside in [
        "127.0.0.1",
        "127.255.255.254",
        "0.0.0.0",
        "10.0.0.1",
        "172.16.0.1",
        "172.31.255.255",
        "192.168.1.1",
        "169.254.169.254",
        "100.64.0.1",
        "192.0.0.192",
        "198.18.0.1",
        "224.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "::127.0.0.1",
        "64:ff9b::7f00:1",
        "fe80::1",
        "fc00::1",
        "fd00:ec2::254",
        "ff02::1",
        "2001::1",
        "2001:db8::1",
        "2002:7f00:1::",
        "3fff::1",
    ] {
        assert!(!is_public(inside.parse().unwrap()), "{inside}");
    }
    for outside in
        ["93.184.215.14", "8.8.8.8", "172.32.0.1", "100.128.0.1", "2606:4700::1111", "2a00:1450::1"]
    {
        assert!(is_public(outside.parse().unwrap()), "{outside}");
    }
}

#[tokio::test]
async fn addresses_inside_are_not_asked_however_they_are_written() {
    let outbound = Outbound::new(Inside::default()).unwrap();
    for address in [
        "https://127.0.0.1/",
        "https://2130706433/",
        "https://0x7f.1/",
        "https://0177.0.0.1/",
        "https://127.1/",
        "https://[::1]/",
        "https://[::ffff:7f00:1]/",
        "https://169.254.169.254/latest/meta-data/",
        "https://10.0.0.7:8443/",
        "https://[fd00:ec2::254]/",
    ] {
        let refused = outbound.ask(Asked::get(address)).await.unwrap_err();
        assert!(matches!(refused, Refused::Inside(_)), "{address}: {refused}");
    }
    for address in [
        "http://example.com/",
        "file:///etc/passwd",
        "gopher://example.com/",
        "ftp://example.com/",
        "nonsense",
        "",
        "https://",
        "https://user@example.com/",
        "https://a:b@example.com/",
        "data:text/plain,x",
    ] {
        let refused = outbound.ask(Asked::get(address)).await.unwrap_err();
        assert!(matches!(refused, Refused::Address(_)), "{address}: {refused}");
    }
}

#[tokio::test]
async fn names_that_lead_inside_are_not_asked_whenever_they_do() {
    let names = changing(&[&["127.0.0.1"], &["10.0.0.1", "::1", "169.254.169.254"]]);
    let outbound = Outbound::over(Inside::default(), names).unwrap();
    for _ in 0..3 {
        let refused = outbound.ask(Asked::get("https://rebinding.example/")).await.unwrap_err();
        assert!(matches!(refused, Refused::Inside(_)), "{refused}");
    }
    // First a public address, then this machine: the second look is judged like the first, and only what was
    // judged is connected to.
    let names = changing(&[&["192.0.2.1", "127.0.0.1"], &["127.0.0.1"]]);
    let guarded = Guarded { names: names.clone(), inside: Arc::default() };
    for _ in 0..2 {
        let found = reqwest::dns::Resolve::resolve(&guarded, "rebinding.example".parse().unwrap()).await;
        assert!(found.is_err());
    }
    let names = changing(&[&["93.184.215.14", "127.0.0.1"], &["127.0.0.1"]]);
    let guarded = Guarded { names, inside: Arc::default() };
    let look = || reqwest::dns::Resolve::resolve(&guarded, "rebinding.example".parse().unwrap());
    let first: Vec<SocketAddr> = look().await.unwrap().collect();
    assert_eq!(first, ["93.184.215.14:0".parse().unwrap()], "the private one is left out");
    assert!(look().await.is_err());
}

#[tokio::test]
async fn hosts_named_in_the_settings_are_asked() {
    let address = server(vec![said("200 OK", "x-kind: plain\r\n", "hello")]).await;
    let answered = here(address).ask(Asked::get(format!("http://{address}/x"))).await.unwrap();
    assert_eq!((answered.status.as_u16(), answered.body.as_slice()), (200, b"hello".as_slice()));
    let other_port = Inside::new([format!("127.0.0.1:{}", address.port().wrapping_add(1))]);
    let refused = Outbound::new(other_port).unwrap().ask(Asked::get(format!("http://{address}/"))).await;
    assert!(refused.is_err(), "another port is another place");
}

#[tokio::test]
async fn redirects_are_judged_and_few() {
    let inside = said("302 Found", "location: https://169.254.169.254/latest\r\n", "");
    let address = server(vec![inside]).await;
    let refused = here(address).ask(Asked::get(format!("http://{address}/"))).await.unwrap_err();
    assert!(matches!(refused, Refused::Inside(_)), "{refused}");

    let round = said("302 Found", "location: /again\r\n", "");
    let address =
        server(vec![round.clone(), round.clone(), round.clone(), round.clone(), round.clone()]).await;
    let refused = here(address).ask(Asked::get(format!("http://{address}/"))).await.unwrap_err();
    assert!(matches!(refused, Refused::Redirects(_)), "{refused}");

    let address = server(vec![round]).await;
    let change = Asked { method: Method::POST, ..Asked::get(format!("http://{address}/")) };
    let refused = here(address).ask(change).await.unwrap_err();
    assert!(matches!(refused, Refused::Redirects(_)), "a change is not sent elsewhere: {refused}");
}

#[tokio::test]
async fn answers_are_bounded() {
    let address = server(vec![said("200 OK", "", &"x".repeat(LARGEST + 1))]).await;
    let refused = here(address).ask(Asked::get(format!("http://{address}/"))).await.unwrap_err();
    assert!(matches!(refused, Refused::TooLarge(_)), "{refused}");
}

#[test]
fn secrets_of_a_request_are_not_printed() {
    let asked =
        Asked { body: b"client_secret=x".to_vec(), ..Asked::get("https://idp.example/token?code=hidden#x") };
    let said = format!("{asked:?}");
    assert!(
        said.contains("idp.example/token") && !said.contains("hidden") && !said.contains("secret"),
        "{said}"
    );
}
