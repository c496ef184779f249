#pragma once
// The porch: raw files become blocks of readings on the job's axis. Local clocks end here.

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "meterveil/core/result.hpp"
#include "meterveil/model/attributes.hpp"
#include "meterveil/model/readings.hpp"
#include "meterveil/model/time.hpp"
#include "meterveil/par/comm.hpp"

namespace meterveil::ingest {

/// What a wall-clock stamp in the file means, where the format does not say.
struct Clock {
    enum class Kind { utc, local, fixed_offset } kind = Kind::utc;
    std::int32_t offset_s = 0;  ///< of fixed_offset, local minus UTC
};
enum class Label { start, end };
enum class EnergyUnit { wh, kwh, mwh };

/// What comes first in a date such as 03/04/2013.
enum class DateOrder : std::uint8_t { day_first, month_first };
/// What the values of a table are, where it does not say.
enum class Values : std::uint8_t {
    interval,   ///< energy of each interval
    net,        ///< the same, import less export: negative values are export
    registers,  ///< reads of counters: their differences are the energies
};

/// Column names of a long CSV, or "1", "2", ... where it has no header; empty: guessed.
struct Columns {
    std::string meter, time, energy, channel, quality;
    std::string date, end, export_energy, register_name, unit, factor;  ///< portal-csv alone
    bool operator==(const Columns&) const = default;
};

/// One [[readings]] entry; `files` are resolved and sorted, the same on every rank.
struct Source {
    std::vector<std::string> files;
    std::string format = "auto";      ///< "auto", or the name of a format
    Clock clock;
    Label label = Label::start;
    Columns columns;
    EnergyUnit unit = EnergyUnit::kwh;
    bool is_power = false;            ///< values are mean power over the reading: `unit` an hour
    std::string meter;                ///< id of the metering point, where the file names none
    std::int64_t interval_s = 0;      ///< of the readings, where the format does not say; 0: the job's
    model::Channel channel = model::Channel::import;  ///< where the file has no channel column
    std::optional<DateOrder> date_order;              ///< none: as the head of the file says
    std::optional<Values> values;                     ///< likewise
    std::string factor;                               ///< of all values, a decimal number; empty: 1
    char decimal_mark = 0;                            ///< 0: as the head of the file says
    int register_digits = 0;                          ///< before the decimal point, of a register that starts again at 0; 0: not known
};

struct Options {
    std::vector<Source> sources;
    model::Calendar calendar;          ///< of the job's time zone, for Clock::local
    model::Axis axis;
    std::int32_t energy_quantum_wh = 1;
    std::int64_t max_wh = 0;           ///< a reading above it is out_of_range
    std::string quarantine_folder;     ///< in custody; one file per input file and byte range
    std::uint64_t range_bytes = std::uint64_t{64} << 20;  ///< plain files are cut into ranges of this size
    std::size_t lanes = 1;             ///< files and ranges that a rank reads at the same time; memory of a block each
};

/// All input files, in the order of the accounts: sources in order, files sorted inside.
std::vector<std::string> files_of(const Options& options);

/// Collective. The longest interval that every source's readings and the job's are whole multiples of, as far as job and file
/// heads tell: the axis that `run` needs. @errors as run
Result<std::int64_t> finest_interval_s(par::Comm& comm, const Options& options);

/// Collective. Plans who reads which byte range (by size, largest first; the rows do not depend on
/// it), sniffs every file, rejects files that are not what they say.
/// @return this rank's blocks, pulled one at a time from each lane; memory of one block a lane
/// @errors usage: unknown format, column not in the header (nearest named); input: file missing,
///   binary, truncated, or a tie in `auto`
Result<std::unique_ptr<model::RawStream>> run(par::Comm& comm, const Options& options);

/// Tables of meters. Empty customers path: neither subjects, classes nor a crossing.
struct TableOptions {
    std::string topology_path;
    std::vector<std::string> levels;  ///< top first; columns of the topology file; first column is meter_id
    std::string customers_path, subject_column, customers_meter_column;
    std::string class_column = {};          ///< empty: no classes are told apart
    std::vector<std::string> classes = {};  ///< values that the rules name; every other value is one class more, the last
    std::string crossing_column = {};       ///< whose values stand across the levels; empty: none
};

/// Collective. Reads both tables by byte ranges, each rank its part.
/// @errors input: missing column, empty name, row with too few fields (file and byte), a class that no row has; usage
Result<model::RawTables> read_tables(par::Comm& comm, const TableOptions& options);

/// Which columns of the customers are attributes. Identifiers are not among them: they are not read.
struct CustomerOptions {
    std::string path, meter_column, subject_column;  ///< no subject: each meter is one
    std::vector<model::Attribute> attributes;        ///< by column name, quasi-identifiers first
};

/// Collective. Reads the attributes by byte ranges, each rank its part. An attribute may be empty: no value is a value too.
/// @errors as read_tables
Result<model::RawCustomers> read_customers(par::Comm& comm, const CustomerOptions& options);

/// What `meterveil inspect` says of a file. Local.
struct FileReport {
    std::string path, format, why, compression;
    double confidence = 0;
    std::vector<std::string> columns;  ///< header names with guessed meaning, "tstp: time"
    std::string first, last;           ///< ISO UTC instants of the readings, as the clock option says
    std::int64_t interval_s = 0;
    std::uint64_t rows = 0, meters = 0, unusable = 0;
    double coverage = 0;               ///< readings / (meters x intervals between first and last)
    std::vector<std::string> problems;
};
/// @errors input
Result<FileReport> inspect(const std::string& path, const Source& source, const model::Calendar& calendar);

}  // namespace meterveil::ingest
