#pragma once
// Rows of a portal's table that mean nothing alone: reads of counters, tariffs that add up, net values beside their parts.

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "ingest/sink.hpp"

namespace meterveil::ingest {

/// Keeps rows until the file is at its end, and states then what they say together. Any order of rows gives the same.
class PortalSeries {
public:
    explicit PortalSeries(const DecodeOptions& options);

    /// Whose, and which counter or tariff of it.
    struct Source {
        std::string_view meter;
        model::Channel channel = model::Channel::import;
        std::string_view register_name, device;
    };
    /// A counter's read. @param modulus_nwh where it starts again at 0; 0: not known. @return false: no more can be held
    bool add_read(const Source& source, std::int64_t at_s, std::int64_t nwh, std::int64_t modulus_nwh);
    /// The energy of one tariff over an interval.
    bool add_part(const Source& source, std::int64_t start_s, std::int64_t length_s, std::int64_t nwh, model::Quality quality);
    /// Import less export over an interval. @param section a table may say the same hours several times: import, export, net
    bool add_net(std::string_view meter, std::int64_t start_s, std::int64_t length_s, std::int64_t nwh, model::Quality quality,
                 std::uint32_t section);

    void finish(Sink& sink);
    [[nodiscard]] std::uint64_t num_falls() const { return num_falls_; }  ///< of counters, that nothing explains
    [[nodiscard]] std::uint64_t num_rollovers() const { return num_rollovers_; }

private:
    struct Row {
        std::int64_t at_s = 0, length_s = 0, nwh = 0;
        std::uint32_t register_number = 0, device = 0;  ///< net: the section, and 0
        model::Quality quality = model::Quality::measured;
    };
    struct Series {
        std::vector<Row> rows;
        std::map<std::string, std::uint32_t, std::less<>> registers, devices;
        std::vector<std::int64_t> moduli_nwh;  ///< of each register
    };
    using Key = std::pair<std::string, model::Channel>;
    using AllSeries = std::map<Key, Series>;
    /// Rows of one time, a value for each register.
    struct Group {
        std::int64_t at_s = 0, length_s = 0;
        std::vector<std::int64_t> nwh;
        std::vector<std::uint32_t> devices;
        model::Quality quality = model::Quality::measured;
        std::uint32_t copies = 0;  ///< how often all of it is stated
        bool is_whole = false, is_conflict = false;
    };

    Series* add(AllSeries& all, const Source& source, Row row);
    static std::vector<Group> groups_of(Series& series);
    void state_reads(const std::string& meter, model::Channel channel, Series& series, Sink& sink);
    static void state_parts(const std::string& meter, model::Channel channel, Series& series, Sink& sink);
    static void state_net(const std::string& meter, Series& series, Sink& sink);
    /// Energy from one read to the next; nothing: the counter is another one, or fell.
    [[nodiscard]] std::optional<std::int64_t> risen_nwh(const Group& from, const Group& to, const std::vector<std::int64_t>& moduli_nwh);

    std::int64_t origin_s_, step_s_;
    AllSeries reads_, parts_, nets_;
    std::size_t num_rows_ = 0;
    std::uint64_t num_falls_ = 0, num_rollovers_ = 0;
};

}  // namespace meterveil::ingest
