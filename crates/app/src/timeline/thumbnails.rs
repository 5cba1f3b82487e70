//! Small pictures of attached pictures. Whatever the bytes are, they cost a bounded amount of memory and pixels, and
//! a picture that cannot be read is kept without a small one.

use image::{
    DynamicImage, ImageDecoder, ImageFormat, ImageReader, Limits, codecs::jpeg::JpegEncoder,
    metadata::Orientation,
};
use std::io::Cursor;
use store::files::Thumbnail;

/// No side of a picture that is read is longer, in pixels.
const SIDE: u32 = 16_384;
/// No picture that is read has more pixels: a photograph of a screen has them, a bomb has more.
const PIXELS: u64 = 40_000_000;
/// What reading one picture may take, in bytes.
const MEMORY: u64 = 256 << 20;
/// The sides that are tried until the small picture is small enough, in pixels.
const SIDES: [u32; 3] = [960, 640, 320];
/// The most bytes of a small picture.
const BYTES: usize = 256 << 10;

/// The small picture of `bytes`; `None` for what is no picture or cannot be read. Animations give their first.
pub(super) async fn of(bytes: Vec<u8>) -> (Vec<u8>, Option<Thumbnail>) {
    let kept = bytes.clone();
    // A decoder that gives up gives up alone.
    let small = tokio::task::spawn_blocking(move || small(&bytes)).await;
    (kept, small.ok().flatten())
}

fn small(bytes: &[u8]) -> Option<Thumbnail> {
    let mut reader = ImageReader::new(Cursor::new(bytes)).with_guessed_format().ok()?;
    let format = reader.format()?;
    if !matches!(format, ImageFormat::Png | ImageFormat::Jpeg | ImageFormat::Gif | ImageFormat::WebP) {
        return None;
    }
    let mut limits = Limits::default();
    (limits.max_image_width, limits.max_image_height) = (Some(SIDE), Some(SIDE));
    limits.max_alloc = Some(MEMORY);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().ok()?;
    let (width, height) = decoder.dimensions();
    if u64::from(width) * u64::from(height) > PIXELS || decoder.total_bytes() > MEMORY {
        return None;
    }
    let turned = decoder.orientation().unwrap_or(Orientation::NoTransforms);
    let mut picture = DynamicImage::from_decoder(decoder).ok()?;
    for side in SIDES {
        if picture.width().max(picture.height()) > side {
            picture = picture.thumbnail(side, side);
        }
        let mut shown = picture.clone();
        shown.apply_orientation(turned);
        if let Some((media, body)) = written(&shown).filter(|(_, body)| body.len() <= BYTES) {
            let (width, height) = (i64::from(shown.width()), i64::from(shown.height()));
            return Some(Thumbnail { media: media.to_owned(), width, height, body });
        }
    }
    None
}

/// As PNG or, where that is smaller and nothing is seen through, as JPEG.
fn written(picture: &DynamicImage) -> Option<(&'static str, Vec<u8>)> {
    // Sixteen bits a colour would double the bytes for nothing.
    let picture = if picture.color().has_alpha() {
        DynamicImage::ImageRgba8(picture.to_rgba8())
    } else {
        DynamicImage::ImageRgb8(picture.to_rgb8())
    };
    let mut png = Vec::new();
    picture.write_to(&mut Cursor::new(&mut png), ImageFormat::Png).ok()?;
    if picture.color().has_alpha() {
        return Some(("image/png", png));
    }
    let mut jpeg = Vec::new();
    JpegEncoder::new_with_quality(&mut jpeg, 82).encode_image(&picture).ok()?;
    Some(if jpeg.len() < png.len() { ("image/jpeg", jpeg) } else { ("image/png", png) })
}

#[cfg(test)]
mod tests {
    use super::*;
    use image::{Rgb, RgbImage};
    use proptest::prelude::*;

    fn picture(width: u32, height: u32, format: ImageFormat) -> Vec<u8> {
        let colour = |x: u32, y: u32| Rgb([(x % 256) as u8, (y % 256) as u8, ((x / 7 + y / 3) % 256) as u8]);
        let mut bytes = Vec::new();
        let picture = DynamicImage::ImageRgb8(RgbImage::from_fn(width, height, colour));
        picture.write_to(&mut Cursor::new(&mut bytes), format).unwrap();
        bytes
    }

    #[test]
    fn every_sort_becomes_a_small_picture_of_its_shape() {
        for format in [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP] {
            let made = small(&picture(1200, 300, format)).unwrap();
            assert_eq!((made.width, made.height), (960, 240), "{format:?}");
            assert!(made.body.len() <= BYTES && image::load_from_memory(&made.body).is_ok());
        }
        let tiny = small(&picture(3, 2, ImageFormat::Png)).unwrap();
        assert_eq!((tiny.width, tiny.height), (3, 2));
    }

    #[test]
    fn a_picture_that_would_fill_the_memory_is_not_read() {
        // A PNG that says it is 60,000 pixels wide and high: its header and nothing else.
        let mut bomb = picture(4, 4, ImageFormat::Png);
        bomb[16..20].copy_from_slice(&60_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&60_000u32.to_be_bytes());
        assert_eq!(small(&bomb), None);
        // Sides that are allowed alone are too much together.
        bomb[16..20].copy_from_slice(&16_000u32.to_be_bytes());
        bomb[20..24].copy_from_slice(&16_000u32.to_be_bytes());
        assert_eq!(small(&bomb), None);
        assert_eq!(small(b"%PDF-1.7"), None);
        assert_eq!(small(b""), None);
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(128))]
        #[test]
        fn broken_pictures_never_hurt(
            which in 0usize..4,
            cut in 0usize..4000,
            hits in prop::collection::vec((0usize..4000, any::<u8>()), 0..12),
        ) {
            let format = [ImageFormat::Png, ImageFormat::Jpeg, ImageFormat::Gif, ImageFormat::WebP][which];
            let mut bytes = picture(40, 30, format);
            for (place, byte) in hits {
                let place = place % bytes.len();
                bytes[place] = byte;
            }
            bytes.truncate(bytes.len().saturating_sub(cut % 200));
            if let Some(made) = small(&bytes) {
                prop_assert!(made.body.len() <= BYTES);
            }
        }
    }
}
