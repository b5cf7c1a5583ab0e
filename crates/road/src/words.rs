//! Why a line or a disk failed, in words for either reader. Whoever mends the machine reads English; the cashier is told
//! in Chinese what it comes to.

use std::io::{self, ErrorKind};

use ureq::Error;
use wire::Both;

/// Why a file or a socket failed.
pub(crate) fn of_io(error: &io::Error) -> Both {
    let zh = match error.kind() {
        ErrorKind::NotFound => "找不到文件",
        ErrorKind::PermissionDenied => "没有权限",
        ErrorKind::StorageFull => "磁盘已满",
        ErrorKind::ConnectionRefused => "连接被拒绝",
        ErrorKind::TimedOut => "超时",
        ErrorKind::ConnectionReset
        | ErrorKind::ConnectionAborted
        | ErrorKind::BrokenPipe
        | ErrorKind::UnexpectedEof => "连接中断",
        _ => "系统错误",
    };
    Both::new(zh, error.to_string())
}

/// Why a request was not answered.
pub(crate) fn of_http(error: &Error) -> Both {
    let zh = match error {
        Error::Io(io) => return Both::new(of_io(io).told(wire::Language::Zh).to_owned(), error.to_string()),
        Error::ConnectionFailed => "连接失败",
        Error::HostNotFound => "找不到主机",
        Error::Timeout(_) => "超时",
        Error::Tls(_) => "安全连接失败",
        _ => "线路错误",
    };
    Both::new(zh, error.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;
    use wire::Language;

    #[test]
    fn the_cashier_reads_no_english_and_the_engineer_all_of_it() {
        let refused = Error::Io(io::Error::from(ErrorKind::ConnectionRefused));
        let words = of_http(&refused);
        assert_eq!(words.told(Language::Zh), "连接被拒绝");
        assert_eq!(words.told(Language::En), refused.to_string());
        assert_eq!(of_io(&io::Error::other("odd")).told(Language::Zh), "系统错误");
    }
}
