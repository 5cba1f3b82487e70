//! What may be attached to an event, told by the file's own bytes and never by its name.

/// The most bytes of an attached file.
pub const FILE_MAX: usize = 10 << 20;

/// The sort of a file that may be kept.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Media {
    /// Portable Network Graphics.
    Png,
    /// JPEG.
    Jpeg,
    /// GIF.
    Gif,
    /// WebP.
    Webp,
    /// PDF.
    Pdf,
    /// UTF-8 text that is no markup a browser would run.
    Text,
}

impl Media {
    /// The sort of `bytes`; `None` for anything else, SVG and HTML included, because browsers run what is in them.
    pub fn of(bytes: &[u8]) -> Option<Self> {
        let webp = bytes.len() >= 12 && bytes.starts_with(b"RIFF") && &bytes[8..12] == b"WEBP";
        match () {
            () if bytes.starts_with(b"\x89PNG\r\n\x1a\n") => Some(Self::Png),
            () if bytes.starts_with(b"\xFF\xD8\xFF") => Some(Self::Jpeg),
            () if bytes.starts_with(b"GIF87a") || bytes.starts_with(b"GIF89a") => Some(Self::Gif),
            () if webp => Some(Self::Webp),
            () if bytes.starts_with(b"%PDF-") => Some(Self::Pdf),
            () => is_plain(bytes).then_some(Self::Text),
        }
    }

    /// Its name for browsers (RFC 2046).
    pub const fn name(self) -> &'static str {
        match self {
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Gif => "image/gif",
            Self::Webp => "image/webp",
            Self::Pdf => "application/pdf",
            Self::Text => "text/plain; charset=utf-8",
        }
    }

    /// Whether a page may show it as a picture.
    pub const fn is_picture(self) -> bool {
        matches!(self, Self::Png | Self::Jpeg | Self::Gif | Self::Webp)
    }
}

fn is_plain(bytes: &[u8]) -> bool {
    let Ok(text) = std::str::from_utf8(bytes) else { return false };
    let start: String = text.chars().take(4_000).collect::<String>().to_ascii_lowercase();
    let runs = ["<svg", "<html", "<!doctype", "<script", "<?xml"].iter().any(|mark| start.contains(mark));
    !text.is_empty() && !runs && !text.chars().any(|c| c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bytes_say_what_a_file_is() {
        for (bytes, media) in [
            (b"\x89PNG\r\n\x1a\n....".as_slice(), Some(Media::Png)),
            (b"\xFF\xD8\xFF\xE0", Some(Media::Jpeg)),
            (b"GIF89a..", Some(Media::Gif)),
            (b"RIFF....WEBPVP8 ", Some(Media::Webp)),
            (b"%PDF-1.7", Some(Media::Pdf)),
            (b"05:47 gate 4 refused\n", Some(Media::Text)),
            (b"<svg onload=\"alert(1)\">", None),
            (b"\n<!DOCTYPE html><script>", None),
            (b"<?xml version=\"1.0\"?><svg/>", None),
            (b"MZ\x90\x00", None),
            (b"\xC3\x28", None),
            (b"", None),
        ] {
            assert_eq!(Media::of(bytes), media, "{bytes:?}");
        }
    }
}
