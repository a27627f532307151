//! The kinds of problems: each with a stable address, a status and a title in both languages.

use axum::http::StatusCode;

use super::Language;

/// What kind of problem it is. Clients may rely on the code and its status.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Code {
    /// The body is not JSON.
    MalformedJson,
    /// The body has a field that this command does not know.
    UnknownField,
    /// A value in the body cannot be what it should be.
    BadValue,
    /// A parameter of the address cannot be what it should be.
    BadQuery,
    /// There is no valid API key in the request.
    Unauthorized,
    /// The API key does not have the right.
    Forbidden,
    /// What is asked for does not exist.
    NotFound,
    /// The address does not take this method.
    MethodNotAllowed,
    /// The id is taken.
    AlreadyExists,
    /// The same things kept changing while the command was decided.
    ConcurrentChange,
    /// There is no room on a day.
    SoldOut,
    /// A rule refused the command.
    PolicyRefusal,
    /// The idempotency key belongs to another request.
    IdempotencyKeyReused,
    /// A command with the idempotency key is still running.
    CommandInProgress,
    /// The thing changed since the client looked at it.
    PreconditionFailed,
    /// The body is larger than any command needs.
    PayloadTooLarge,
    /// The body does not say that it is JSON.
    UnsupportedMediaType,
    /// The key sends more requests than it may.
    TooManyRequests,
    /// More commands wait than can be taken in.
    Overloaded,
    /// No process can take commands at the moment.
    NoOwner,
    /// A read model has not reached the position that was asked for.
    ProjectionBehind,
    /// The request took too long.
    RequestTimeout,
    /// Something is broken in Daybook or beneath it.
    Internal,
}

impl Code {
    /// All of them, in the order in which they are documented.
    pub const ALL: [Self; 23] = [
        Self::MalformedJson,
        Self::UnknownField,
        Self::BadValue,
        Self::BadQuery,
        Self::Unauthorized,
        Self::Forbidden,
        Self::NotFound,
        Self::MethodNotAllowed,
        Self::AlreadyExists,
        Self::ConcurrentChange,
        Self::SoldOut,
        Self::PolicyRefusal,
        Self::IdempotencyKeyReused,
        Self::CommandInProgress,
        Self::PreconditionFailed,
        Self::PayloadTooLarge,
        Self::UnsupportedMediaType,
        Self::TooManyRequests,
        Self::Overloaded,
        Self::NoOwner,
        Self::ProjectionBehind,
        Self::RequestTimeout,
        Self::Internal,
    ];

    /// The code as it stands at the end of a problem's type.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::MalformedJson => "malformed-json",
            Self::UnknownField => "unknown-field",
            Self::BadValue => "bad-value",
            Self::BadQuery => "bad-query",
            Self::Unauthorized => "unauthorized",
            Self::Forbidden => "forbidden",
            Self::NotFound => "not-found",
            Self::MethodNotAllowed => "method-not-allowed",
            Self::AlreadyExists => "already-exists",
            Self::ConcurrentChange => "concurrent-change",
            Self::SoldOut => "sold-out",
            Self::PolicyRefusal => "policy-refusal",
            Self::IdempotencyKeyReused => "idempotency-key-reused",
            Self::CommandInProgress => "command-in-progress",
            Self::PreconditionFailed => "precondition-failed",
            Self::PayloadTooLarge => "payload-too-large",
            Self::UnsupportedMediaType => "unsupported-media-type",
            Self::TooManyRequests => "too-many-requests",
            Self::Overloaded => "overloaded",
            Self::NoOwner => "no-owner",
            Self::ProjectionBehind => "projection-behind",
            Self::RequestTimeout => "request-timeout",
            Self::Internal => "internal",
        }
    }

    /// The status of an answer with this problem.
    pub const fn status(self) -> StatusCode {
        match self {
            Self::MalformedJson | Self::UnknownField | Self::BadQuery => StatusCode::BAD_REQUEST,
            Self::Unauthorized => StatusCode::UNAUTHORIZED,
            Self::Forbidden => StatusCode::FORBIDDEN,
            Self::NotFound => StatusCode::NOT_FOUND,
            Self::MethodNotAllowed => StatusCode::METHOD_NOT_ALLOWED,
            Self::AlreadyExists
            | Self::ConcurrentChange
            | Self::SoldOut
            | Self::CommandInProgress => StatusCode::CONFLICT,
            Self::BadValue | Self::PolicyRefusal | Self::IdempotencyKeyReused => {
                StatusCode::UNPROCESSABLE_ENTITY
            }
            Self::PreconditionFailed => StatusCode::PRECONDITION_FAILED,
            Self::PayloadTooLarge => StatusCode::PAYLOAD_TOO_LARGE,
            Self::UnsupportedMediaType => StatusCode::UNSUPPORTED_MEDIA_TYPE,
            Self::TooManyRequests => StatusCode::TOO_MANY_REQUESTS,
            Self::Overloaded | Self::NoOwner | Self::ProjectionBehind | Self::RequestTimeout => {
                StatusCode::SERVICE_UNAVAILABLE
            }
            Self::Internal => StatusCode::INTERNAL_SERVER_ERROR,
        }
    }

    /// When a client may try again, in seconds, if trying again can help.
    pub const fn retry_after(self) -> Option<u32> {
        match self {
            Self::CommandInProgress
            | Self::TooManyRequests
            | Self::Overloaded
            | Self::NoOwner
            | Self::ProjectionBehind
            | Self::RequestTimeout
            | Self::ConcurrentChange => Some(1),
            Self::MalformedJson
            | Self::UnknownField
            | Self::BadValue
            | Self::BadQuery
            | Self::Unauthorized
            | Self::Forbidden
            | Self::NotFound
            | Self::MethodNotAllowed
            | Self::AlreadyExists
            | Self::SoldOut
            | Self::PolicyRefusal
            | Self::IdempotencyKeyReused
            | Self::PreconditionFailed
            | Self::PayloadTooLarge
            | Self::UnsupportedMediaType
            | Self::Internal => None,
        }
    }

    /// A few words for people.
    pub const fn title(self, language: Language) -> &'static str {
        match language {
            Language::English => self.english(),
            Language::Arabic => self.arabic(),
        }
    }

    const fn english(self) -> &'static str {
        match self {
            Self::MalformedJson => "The body is not valid JSON",
            Self::UnknownField => "The body has an unknown field",
            Self::BadValue => "A value is not acceptable",
            Self::BadQuery => "The address has a bad parameter",
            Self::Unauthorized => "A valid API key is needed",
            Self::Forbidden => "The API key lacks a right",
            Self::NotFound => "Not found",
            Self::MethodNotAllowed => "The method is not allowed here",
            Self::AlreadyExists => "It exists already",
            Self::ConcurrentChange => "It changed at the same moment",
            Self::SoldOut => "Sold out",
            Self::PolicyRefusal => "A rule does not allow this",
            Self::IdempotencyKeyReused => "The idempotency key was used for another request",
            Self::CommandInProgress => "The same command is still running",
            Self::PreconditionFailed => "It changed since you looked",
            Self::PayloadTooLarge => "The body is too large",
            Self::UnsupportedMediaType => "The body must be JSON",
            Self::TooManyRequests => "Too many requests",
            Self::Overloaded => "Too much work at the moment",
            Self::NoOwner => "No process takes commands at the moment",
            Self::ProjectionBehind => "The answer is not up to date yet",
            Self::RequestTimeout => "The request took too long",
            Self::Internal => "Something went wrong here",
        }
    }

    const fn arabic(self) -> &'static str {
        match self {
            Self::MalformedJson => "محتوى الطلب ليس JSON صالحًا",
            Self::UnknownField => "في محتوى الطلب حقل غير معروف",
            Self::BadValue => "قيمة غير مقبولة",
            Self::BadQuery => "في العنوان معامل غير صالح",
            Self::Unauthorized => "يلزم مفتاح وصول صالح",
            Self::Forbidden => "مفتاح الوصول لا يملك الصلاحية",
            Self::NotFound => "غير موجود",
            Self::MethodNotAllowed => "الطريقة غير مسموح بها هنا",
            Self::AlreadyExists => "موجود من قبل",
            Self::ConcurrentChange => "حدث تغيير في اللحظة نفسها",
            Self::SoldOut => "نفدت الأماكن",
            Self::PolicyRefusal => "لا تسمح القواعد بذلك",
            Self::IdempotencyKeyReused => "استُخدم مفتاح منع التكرار لطلب آخر",
            Self::CommandInProgress => "الأمر نفسه ما زال قيد التنفيذ",
            Self::PreconditionFailed => "حدث تغيير منذ آخر اطلاع",
            Self::PayloadTooLarge => "محتوى الطلب كبير جدًا",
            Self::UnsupportedMediaType => "يجب أن يكون المحتوى بصيغة JSON",
            Self::TooManyRequests => "طلبات كثيرة جدًا",
            Self::Overloaded => "ضغط العمل شديد حاليًا",
            Self::NoOwner => "لا يوجد حاليًا من يستقبل الأوامر",
            Self::ProjectionBehind => "الإجابة ليست محدّثة بعد",
            Self::RequestTimeout => "استغرق الطلب وقتًا طويلًا",
            Self::Internal => "حدث خطأ لدينا",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_code_is_listed_once() {
        let codes: std::collections::HashSet<_> = Code::ALL.map(Code::as_str).into();
        assert_eq!(codes.len(), Code::ALL.len());
    }
}
