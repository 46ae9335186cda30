//! Pictures, drawn anew from their pixels.

use std::io::Cursor;
use std::sync::Arc;

use async_trait::async_trait;
use domain_kernel::files::{Picture, Pictures};
use image::codecs::jpeg::JpegEncoder;
use image::codecs::png::PngEncoder;
use image::imageops::FilterType;
use image::{DynamicImage, ImageDecoder as _, ImageFormat, ImageReader, Limits};
use tokio::sync::Semaphore;

/// Widest and highest picture that is kept, in pixels; larger ones are made smaller.
pub const LARGEST_SIDE: u32 = 2048;

/// Widest and highest picture that is read, in pixels.
const LARGEST_READ: u32 = 16_384;
/// Most memory for the pixels of one picture, in bytes: some 50 megapixels.
const LARGEST_MEMORY: u64 = 200 * 1024 * 1024;
/// Pictures that are drawn at a time, so that many do not take the memory of the whole server.
const AT_A_TIME: usize = 2;
/// Of a JPEG, from 1 to 100.
const QUALITY: u8 = 88;

/// What can be read.
const FORMATS: [ImageFormat; 4] =
    [ImageFormat::Jpeg, ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif];

/// Says what is wrong, in the words of Django REST Framework.
const NO_PICTURE: &str = "Upload a valid image. The file you uploaded was either not an image or a \
    corrupted image. JPEG, PNG, WebP and GIF are read.";

/// Draws pictures: photographs as JPEG, everything else as PNG, without what was stored beside the
/// pixels (where and with what a photograph was taken).
#[derive(Clone)]
pub struct DrawnPictures {
    turns: Arc<Semaphore>,
}

impl Default for DrawnPictures {
    fn default() -> Self {
        Self { turns: Arc::new(Semaphore::new(AT_A_TIME)) }
    }
}

#[async_trait]
impl Pictures for DrawnPictures {
    async fn redraw(&self, bytes: Vec<u8>) -> Result<Picture, String> {
        // The semaphore is never closed.
        let turn = self.turns.clone().acquire_owned().await;
        let drawing = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            redraw(&bytes)
        });
        drawing.await.unwrap_or_else(|_| Err(NO_PICTURE.to_owned()))
    }
}

fn redraw(bytes: &[u8]) -> Result<Picture, String> {
    let format = image::guess_format(bytes).ok().filter(|format| FORMATS.contains(format));
    let format = format.ok_or(NO_PICTURE)?;
    let picture = read(bytes, format)?;
    let drawn = if format == ImageFormat::Jpeg {
        let mut file = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut file, QUALITY);
        let pixels = DynamicImage::ImageRgb8(picture.into_rgb8());
        pixels.write_with_encoder(encoder).map(|()| Picture { bytes: file, extension: "jpg" })
    } else {
        let mut file = Vec::new();
        let pixels = DynamicImage::ImageRgba8(picture.into_rgba8());
        let encoder = PngEncoder::new(&mut file);
        pixels.write_with_encoder(encoder).map(|()| Picture { bytes: file, extension: "png" })
    };
    drawn.map_err(|error| format!("The picture cannot be drawn: {error}."))
}

/// The pixels, upright, and no more of them than are kept.
fn read(bytes: &[u8], format: ImageFormat) -> Result<DynamicImage, String> {
    let mut limits = Limits::default();
    limits.max_image_width = Some(LARGEST_READ);
    limits.max_image_height = Some(LARGEST_READ);
    limits.max_alloc = Some(LARGEST_MEMORY);
    let mut reader = ImageReader::with_format(Cursor::new(bytes), format);
    reader.limits(limits);
    let mut decoder = reader.into_decoder().map_err(unreadable)?;
    // The largest picture is refused before its pixels are asked for.
    if decoder.total_bytes() > LARGEST_MEMORY {
        return Err(too_large());
    }
    let orientation = decoder.orientation().map_err(unreadable)?;
    let mut picture = DynamicImage::from_decoder(decoder).map_err(unreadable)?;
    picture.apply_orientation(orientation);
    if picture.width() > LARGEST_SIDE || picture.height() > LARGEST_SIDE {
        picture = picture.resize(LARGEST_SIDE, LARGEST_SIDE, FilterType::Triangle);
    }
    Ok(picture)
}

fn unreadable(error: image::ImageError) -> String {
    match error {
        image::ImageError::Limits(_) => too_large(),
        _ => NO_PICTURE.to_owned(),
    }
}

fn too_large() -> String {
    format!(
        "The picture is too large: at most {LARGEST_READ} pixels a side and about 50 megapixels."
    )
}

#[cfg(test)]
mod tests {
    use image::{Rgb, RgbImage, Rgba, RgbaImage};

    use super::*;

    fn photograph(width: u32, height: u32) -> Vec<u8> {
        let pixels = RgbImage::from_fn(width, height, |x, _| {
            if x < width / 2 { Rgb([250, 10, 10]) } else { Rgb([10, 10, 250]) }
        });
        let mut file = Vec::new();
        let encoder = JpegEncoder::new_with_quality(&mut file, 95);
        DynamicImage::ImageRgb8(pixels).write_with_encoder(encoder).expect("a file");
        file
    }

    /// The photograph with a block of EXIF that says how it was held, and something private.
    fn turned(photograph: &[u8]) -> Vec<u8> {
        // TIFF, little-endian, one entry: orientation (0x0112) 6, turned by a quarter.
        let mut exif =
            b"Exif\0\0II*\0\x08\0\0\0\x01\0\x12\x01\x03\0\x01\0\0\0\x06\0\0\0\0\0\0\0".to_vec();
        exif.extend_from_slice(b"GPS 52.5200 N 13.4050 E");
        let length = u16::try_from(exif.len() + 2).expect("a short block");
        let mut file = photograph[..2].to_vec();
        file.extend_from_slice(&[0xFF, 0xE1]);
        file.extend_from_slice(&length.to_be_bytes());
        file.extend_from_slice(&exif);
        file.extend_from_slice(&photograph[2..]);
        file
    }

    fn drawing(format: ImageFormat) -> Vec<u8> {
        let pixels =
            RgbaImage::from_fn(8, 4, |x, _| Rgba([200, 100, 50, if x < 4 { 0 } else { 255 }]));
        let mut file = Cursor::new(Vec::new());
        DynamicImage::ImageRgba8(pixels).write_to(&mut file, format).expect("a file");
        file.into_inner()
    }

    fn pixels(picture: &Picture) -> DynamicImage {
        image::load_from_memory(&picture.bytes).expect("a picture")
    }

    #[test]
    fn a_photograph_comes_upright_and_without_where_it_was_taken() {
        let sent = turned(&photograph(40, 20));
        let contains = |bytes: &[u8], word: &[u8]| bytes.windows(word.len()).any(|at| at == word);
        assert!(contains(&sent, b"GPS"));
        let drawn = redraw(&sent).expect("a picture");
        assert_eq!(drawn.extension, "jpg");
        assert!(!contains(&drawn.bytes, b"GPS") && !contains(&drawn.bytes, b"Exif"));
        let upright = pixels(&drawn).into_rgb8();
        assert_eq!(upright.dimensions(), (20, 40));
        // A quarter turn clockwise puts what was left on top.
        assert!(upright.get_pixel(10, 4).0[0] > 200 && upright.get_pixel(10, 36).0[2] > 200);
    }

    #[test]
    fn a_drawing_keeps_what_shines_through() {
        for format in [ImageFormat::Png, ImageFormat::WebP, ImageFormat::Gif] {
            let drawn = redraw(&drawing(format)).expect("a picture");
            assert_eq!(drawn.extension, "png", "{format:?}");
            let seen = pixels(&drawn).into_rgba8();
            assert_eq!(
                (seen.get_pixel(0, 0).0[3], seen.get_pixel(7, 0).0[3]),
                (0, 255),
                "{format:?}"
            );
        }
    }

    #[test]
    fn a_large_picture_is_made_smaller() {
        let drawn = redraw(&photograph(3000, 30)).expect("a picture");
        let size = pixels(&drawn);
        assert_eq!((size.width(), size.height()), (LARGEST_SIDE, 20));
    }

    #[test]
    fn what_is_no_picture_is_refused() {
        let svg = b"<svg xmlns='http://www.w3.org/2000/svg'><script>alert(1)</script></svg>";
        let mut cut = photograph(64, 64);
        cut.truncate(200);
        for bytes in [&svg[..], b"", b"GIF89a", b"\xFF\xD8\xFF", b"%PDF-1.7", &cut[..100]] {
            assert_eq!(redraw(bytes).expect_err("no picture"), NO_PICTURE);
        }
    }

    #[test]
    fn a_file_that_claims_to_be_huge_is_refused_before_it_takes_memory() {
        // A PNG of 60,000 by 60,000 pixels, as far as its head says.
        let mut file = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
        file.extend_from_slice(&60_000u32.to_be_bytes());
        file.extend_from_slice(&60_000u32.to_be_bytes());
        file.extend_from_slice(&[8, 6, 0, 0, 0]);
        file.extend_from_slice(&crc(&file[12..]).to_be_bytes());
        assert!(redraw(&file).expect_err("too large").starts_with("The picture is too large"));
    }

    /// The checksum of a PNG's block (ISO 3309).
    fn crc(bytes: &[u8]) -> u32 {
        !bytes.iter().fold(u32::MAX, |crc, byte| {
            (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
                if crc & 1 == 1 { (crc >> 1) ^ 0xEDB8_8320 } else { crc >> 1 }
            })
        })
    }
}
