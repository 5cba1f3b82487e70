//! Messages on the wire: `Content-Length` headers, an empty line, JSON (LSP 3.17, base protocol).

use serde_json::Value;
use std::io::{BufRead, Error, ErrorKind, Read as _, Result, Write};

/// Messages longer than this are refused, in bytes.
const LONGEST: usize = 64 << 20;

/// The next message; `None` once the other side has gone. JSON that cannot be read is an empty message.
pub fn read(input: &mut impl BufRead) -> Result<Option<Value>> {
    let mut length: Option<usize> = None;
    loop {
        let mut line = String::new();
        if input.by_ref().take(4096).read_line(&mut line)? == 0 {
            return Ok(None);
        }
        let line = line.trim_end();
        if line.is_empty() {
            break;
        }
        if let Some((name, value)) = line.split_once(':')
            && name.eq_ignore_ascii_case("content-length")
        {
            length = value.trim().parse().ok();
        }
    }
    let length = length.filter(|length| *length <= LONGEST).ok_or_else(|| {
        Error::new(ErrorKind::InvalidData, "a message without a Content-Length, or too long a one")
    })?;
    let mut body = vec![0; length];
    input.read_exact(&mut body)?;
    Ok(Some(serde_json::from_slice(&body).unwrap_or_default()))
}

/// Sends a message.
pub fn write(output: &mut impl Write, message: &Value) -> Result<()> {
    let body = message.to_string();
    write!(output, "Content-Length: {}\r\n\r\n{body}", body.len())?;
    output.flush()
}
