//! Files that people send: a multipart form of our own page, bounded, its session token checked before the file is used.

use actix_multipart::{Field, Multipart};
use actix_web::{FromRequest, HttpRequest, dev::Payload, web};
use futures_util::{StreamExt as _, future::LocalBoxFuture};

use super::{
    body::one_of_few,
    csrf,
    problem::{Kind, Problem},
};
use crate::platform::{ground::Ground, text};

/// The largest text field beside the file, bytes.
const FIELD_BYTES: usize = 4096;
/// The most parts.
const PARTS: usize = 16;

/// One file and the text fields beside it.
#[derive(Debug, Default)]
pub struct Upload {
    /// The file's name, as the browser says; empty when none was chosen.
    pub file_name: String,
    /// Its bytes.
    pub bytes: Vec<u8>,
    /// The other fields.
    pub fields: Vec<(String, String)>,
}

impl Upload {
    /// A text field.
    pub fn field(&self, name: &str) -> Option<&str> {
        self.fields.iter().find(|(field, _)| field == name).map(|(_, value)| value.as_str())
    }
}

impl FromRequest for Upload {
    type Error = Problem;
    type Future = LocalBoxFuture<'static, Result<Self, Problem>>;

    fn from_request(request: &HttpRequest, payload: &mut Payload) -> Self::Future {
        let (request, mut payload) = (request.clone(), payload.take());
        Box::pin(async move {
            let Some(ground) = request.app_data::<web::Data<Ground>>() else { return Err(Problem::of(Kind::Unforeseen)) };
            csrf::check_origin(&request, ground.config.server.origin())?;
            let most = ground.config.policy.document_bytes;
            let parts = Multipart::from_request(&request, &mut payload).await.map_err(|_| Problem::of(Kind::BadRequest))?;
            let upload = one_of_few(collect(parts, most)).await?;
            csrf::check_token(&request, upload.field(csrf::FIELD))?;
            Ok(upload)
        })
    }
}

async fn collect(mut parts: Multipart, most: usize) -> Result<Upload, Problem> {
    let mut upload = Upload::default();
    for _ in 0..PARTS {
        let Some(part) = parts.next().await else { return Ok(upload) };
        let part = part.map_err(|_| Problem::of(Kind::BadRequest))?;
        let name = part.name().unwrap_or("").to_owned();
        let file_name = part.content_disposition().and_then(|disposition| disposition.get_filename().map(str::to_owned));
        match file_name {
            Some(file_name) => {
                upload.bytes = bytes(part, most).await?;
                upload.file_name = file_name;
            }
            None => {
                let value = String::from_utf8(bytes(part, FIELD_BYTES).await?).map_err(|_| Problem::of(Kind::BadRequest))?;
                upload.fields.push((name, value));
            }
        }
    }
    Err(Problem::of(Kind::BadRequest))
}

async fn bytes(mut part: Field, most: usize) -> Result<Vec<u8>, Problem> {
    let mut collected = Vec::new();
    while let Some(piece) = part.next().await {
        let piece = piece.map_err(|_| Problem::of(Kind::BadRequest))?;
        if collected.len() + piece.len() > most {
            return Err(Problem::saying(Kind::TooLarge, "problems.body_too_large").with("most", text::size(most)));
        }
        collected.extend_from_slice(&piece);
    }
    Ok(collected)
}
