#pragma once
// Green Button: which usage point and reading type a block of readings belongs to. The entries of a feed say it by links.

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace meterveil::ingest::espi {

/// An href without what differs between writers: scheme, host and path up to "/resource/", slashes at its ends.
/// Example: "https://host/DataCustodian/espi/1_1/resource/ReadingType/07" -> "ReadingType/07".
std::string key_of(std::string_view href);

/// Identity and links of an Atom entry, as keys.
struct Entry {
    std::string id;                    ///< atom:id
    std::string self, up;
    std::vector<std::string> related;
};

struct UsagePoint {
    std::string id;                    ///< key of its self link; without one its atom:id
    std::optional<std::int64_t> kind;  ///< of service; 0: electricity
};

/// What the values of a series are, in the numbers of ESPI.
struct ReadingType {
    std::optional<std::int64_t> accumulation, commodity, flow, length_s, multiplier, uom;
    bool is_readable = true;           ///< each of them that is there is a number
};

/// Where a block belongs.
struct Series {
    const UsagePoint* point = nullptr;
    const ReadingType* type = nullptr;
    std::string lacks;                 ///< key of an entry that was not met yet; empty: no link names one
    [[nodiscard]] bool is_whole() const { return point != nullptr && type != nullptr; }
};

/// The entries that describe others, in any order.
class Links {
public:
    /// @return keys that a block may have waited for
    std::vector<std::string> add(const Entry& entry, UsagePoint point);
    std::vector<std::string> add(const Entry& entry, const ReadingType& type);
    std::vector<std::string> add_meter_reading(const Entry& entry);

    [[nodiscard]] Series find(const Entry& block) const;
    /// When all entries were met: what no link names is the only one of its kind, if it is the only one.
    [[nodiscard]] Series find_or_only(const Entry& block) const;
    [[nodiscard]] std::size_t bytes() const { return bytes_; }

private:
    struct MeterReading {
        std::string self, up;
        std::vector<std::string> types;
    };
    template <class Value>
    void keep(std::unordered_map<std::string, Value>& table, const std::string& key, Value value);
    [[nodiscard]] const UsagePoint* point_of(const MeterReading& reading) const;

    std::deque<UsagePoint> points_;
    std::deque<ReadingType> types_;
    std::deque<MeterReading> readings_;
    std::unordered_map<std::string, const UsagePoint*> point_by_readings_;   ///< key of its collection of MeterReadings
    std::unordered_map<std::string, const MeterReading*> reading_by_blocks_; ///< key of its collection of IntervalBlocks
    std::unordered_map<std::string, const ReadingType*> type_by_self_;
    std::size_t bytes_ = 0;
};

}  // namespace meterveil::ingest::espi
