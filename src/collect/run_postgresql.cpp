// A table or query of PostgreSQL as CSV: one read-only snapshot, row by row through a cursor.

#include <fcntl.h>
#include <fmt/format.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <pqxx/pqxx>

#include "collect/csv.hpp"
#include "collect/names.hpp"
#include "collect/run_fetch.hpp"

namespace meterveil::collect {
namespace {

constexpr int rows_at_once = 2000;
constexpr std::size_t block_bytes = std::size_t{1} << 20;
constexpr std::size_t max_password_bytes = 1000;

/// The password for libpq: a password file without a name, gone with its descriptor. No string of the connection holds it.
class PasswordFile {
public:
    /// @param password of max_password_bytes at most; null: none
    explicit PasswordFile(const Secret* password) : descriptor_(::memfd_create("password", MFD_CLOEXEC)) {
        Secret line;
        if (password != nullptr) fill(line, password->text());
        const auto size = static_cast<ssize_t>(line.text().size());
        is_whole_ = ::fchmod(descriptor_, 0600) == 0 && ::write(descriptor_, line.c_str(), line.text().size()) == size;
    }
    ~PasswordFile() {
        if (descriptor_ >= 0) ::close(descriptor_);
    }
    PasswordFile(const PasswordFile&) = delete;
    PasswordFile& operator=(const PasswordFile&) = delete;
    [[nodiscard]] std::string path() const { return fmt::format("/proc/self/fd/{}", descriptor_); }
    [[nodiscard]] bool is_whole() const { return is_whole_; }

private:
    /// Any host, port, database and user; ':' and '\\' escaped. @source PostgreSQL 15, section 34.16
    static void fill(Secret& line, std::string_view password) {
        char* at = line.data();
        for (const char c : std::string_view("*:*:*:*:")) *at++ = c;
        for (const char c : password) {
            if (c == ':' || c == '\\') *at++ = '\\';
            *at++ = c;
        }
    }

    int descriptor_;
    bool is_whole_ = false;
};

/// A value of a connection string.
std::string quoted(const std::string& value) {
    std::string text = "'";
    for (const char c : value) {
        if (c == '\'' || c == '\\') text += '\\';
        text += c;
    }
    return text + "'";
}

std::string options_of(const PostgresqlSource& what, const PasswordFile& password) {
    std::string text;
    const auto add = [&](const char* key, const std::string& value) { text += fmt::format("{}={} ", key, quoted(value)); };
    add("host", what.host);
    add("port", std::to_string(what.port));
    add("dbname", what.database);
    add("user", what.user);
    add("password", "");  // not that of the environment
    add("passfile", password.path());
    add("sslmode", what.is_name_checked ? "verify-full" : "verify-ca");
    add("gssencmode", "disable");  // it would take the place of TLS
    add("ssl_min_protocol_version", "TLSv1.2");
    add("sslrootcert", what.ca.empty() ? "/etc/ssl/certs/ca-certificates.crt" : what.ca);
    add("connect_timeout", std::to_string(what.timeout.count()));
    add("tcp_user_timeout", std::to_string(1000 * what.timeout.count()));
    add("client_encoding", "UTF8");
    add("application_name", "meterveil fetch");
    add("options",
        fmt::format("-c default_transaction_read_only=on -c statement_timeout={}s -c timezone=UTC -c datestyle=ISO", what.timeout.count()));
    return text;
}

/// Rows of a table in an order of their own values: the same rows give the same bytes.
std::string query_of(const PostgresqlSource& what, const pqxx::transaction_base& transaction) {
    if (!what.query.empty()) return what.query;
    const std::size_t dot = what.table.find('.');
    std::string table = transaction.quote_name(what.table.substr(0, dot));
    if (dot != std::string::npos) table += "." + transaction.quote_name(what.table.substr(dot + 1));
    std::string columns, order;
    for (std::size_t i = 0; i < what.columns.size(); ++i) {
        columns += (i == 0 ? "" : ", ") + transaction.quote_name(what.columns[i]);
        order += fmt::format("{}{}", i == 0 ? "" : ", ", i + 1);
    }
    return fmt::format("SELECT {} FROM {} ORDER BY {}", columns, table, order);
}

/// The file as it grows.
class Rows {
public:
    Rows(const Visit& visit, const PostgresqlSource& what, io::File file) : visit_(visit), what_(what), file_(std::move(file)) {}

    Result<> add(const pqxx::result& rows) {
        TRY_DO(going_on(visit_.stop));
        if (std::exchange(has_header_, true) == false) add_header(rows);
        num_rows_ += rows.size();
        if (num_rows_ > what_.max_rows) return too_much(fmt::format("more than {} rows", what_.max_rows), "max_rows");
        for (const auto& row : rows) {
            for (const auto& field : row) TRY_DO(add(field));
            text_ += '\n';
            if (text_.size() >= block_bytes) TRY_DO(flush());
        }
        return {};
    }
    /// @return its SHA-256
    Result<std::string> finish() {
        TRY_DO(flush());
        TRY_DO(file_.sync());
        TRY_DO(file_.close());
        return digest_.hex();
    }
    [[nodiscard]] std::uint64_t bytes() const { return bytes_; }

private:
    Result<> add(const pqxx::field& field) {
        const std::string_view value(field.c_str(), field.size());
        if (value.find_first_of("\r\n") != std::string_view::npos)
            return Error{Code::input, fmt::format("a value of column '{}' has a line break", printable(field.name())), what_.host,
                         "the readers of [customers] take one line for one row: replace it in the query"};
        append_csv(text_, field.is_null() ? std::nullopt : std::optional(value), field.num() == 0);
        return {};
    }
    void add_header(const pqxx::result& rows) {
        for (pqxx::row::size_type i = 0; i < rows.columns(); ++i) append_csv(text_, rows.column_name(i), i == 0);
        text_ += '\n';
    }
    Result<> flush() {
        bytes_ += text_.size();
        if (bytes_ > visit_.source.max_bytes) return too_much(fmt::format("more than {} bytes", visit_.source.max_bytes), "max_bytes");
        digest_.add(std::as_bytes(std::span(text_)));
        TRY_DO(file_.write(text_));
        text_.clear();
        return {};
    }
    [[nodiscard]] Error too_much(const std::string& what, const char* key) const {
        return {Code::input, "the answer has " + what, what_.host, fmt::format("is it the right query? {} of the source is the limit", key)};
    }

    const Visit& visit_;
    const PostgresqlSource& what_;
    io::File file_;
    io::Sha256 digest_;
    std::string text_;
    std::uint64_t num_rows_ = 0, bytes_ = 0;
    bool has_header_ = false;
};

Result<> read_rows(const PostgresqlSource& what, const PasswordFile& password, Rows& rows) {
    pqxx::connection connection(options_of(what, password));
    const pqxx::quiet_errorhandler no_notices(connection);  // they may quote rows
    pqxx::transaction<pqxx::repeatable_read, pqxx::read_only> transaction(connection);
    pqxx::icursorstream cursor(transaction, query_of(what, transaction), "rows", rows_at_once);
    for (;;) {
        pqxx::result block;
        cursor.get(block);
        TRY_DO(rows.add(block));
        if (block.empty()) return {};
    }
}

/// The exceptions of libpqxx end here. What the server says of a query may quote a row: its code is told, not its words.
Result<> read_rows_guarded(const PostgresqlSource& what, const PasswordFile& password, Rows& rows) {
    const auto where = fmt::format("{}:{}/{}", what.host, what.port, what.database);
    try {
        return read_rows(what, password, rows);
    } catch (const pqxx::broken_connection& error) {
        return Error{Code::input, fmt::format("no connection: {}", printable(error.what())), where,
                     "check host, user, password, and that ca signed the server's certificate"};
    } catch (const pqxx::sql_error& error) {
        return Error{Code::input, fmt::format("the server refuses the query (SQLSTATE {})", printable(error.sqlstate())), where,
                     "try the query in psql, as the same user and read-only"};
    } catch (const pqxx::pqxx_exception&) {
        return Error{Code::input, "the connection failed", where, "run it again"};
    }
}

}  // namespace

Result<> visit_postgresql(Visit& visit, const PostgresqlSource& what) {
    const std::string path = visit.source.name + "/" + what.file;
    TRY(const Entry* const known, visit.output.known(path));
    visit.paths.insert(path);
    const Secret* const secret = what.password.is_there() ? &visit.secrets.at(what.password) : nullptr;
    if (secret != nullptr && secret->text().size() > max_password_bytes)
        return Error{Code::usage, fmt::format("the password has more than {} bytes", max_password_bytes), what.password.file,
                     "is it the right file?"};
    const PasswordFile password(secret);
    if (!password.is_whole()) return Error{Code::storage, "cannot hand the password over", what.host, "free some memory"};
    const io::Path partial = visit.output.partial(path);
    ::unlink(partial.c_str());
    TRY(io::File file, io::File::open(partial, io::File::Mode::create_new));
    Rows rows(visit, what, std::move(file));
    auto digest = [&]() -> Result<std::string> {
        TRY_DO(read_rows_guarded(what, password, rows));
        return rows.finish();
    }();
    if (!digest.ok() || (known != nullptr && known->sha256 == digest.value())) {
        ::unlink(partial.c_str());
        if (!digest.ok()) return std::move(digest).error();
        ++visit.report.unchanged;
        return {};
    }
    ++visit.report.fetched;
    visit.report.bytes += rows.bytes();
    return visit.output.keep(partial, path, {kind_of(visit.source), rows.bytes(), digest.value(), "", "", ""});
}

}  // namespace meterveil::collect
