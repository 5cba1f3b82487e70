//! Post-mortems.

use crate::error::Answer;
use app::Error;

pub(crate) async fn library() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn read() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn write() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn block() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn export_markdown() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn export_html() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn create() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn rename() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn hand_to() -> Answer {
    Err(Error::NotFound.into())
}

pub(crate) async fn step() -> Answer {
    Err(Error::NotFound.into())
}
