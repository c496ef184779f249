// Agreement on one error.

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/string.hpp>
#include <sstream>

#include "meterveil/par/exchange.hpp"

namespace boost::serialization {

template <class Archive>
void serialize(Archive& archive, meterveil::Error& error, unsigned) {
    archive & error.code & error.what & error.where & error.hint & error.rank;
}

}  // namespace boost::serialization

namespace meterveil::par {
namespace {

std::string pack(Error error) {
    std::ostringstream stream;
    boost::archive::binary_oarchive(stream, boost::archive::no_header) << error;
    return stream.str();
}

Error unpack(const std::string& text) {
    std::istringstream stream(text);
    Error error;
    boost::archive::binary_iarchive(stream, boost::archive::no_header) >> error;
    return error;
}

}  // namespace

std::optional<Error> Comm::first_error(const Error* mine) {
    // The largest of (size - rank) over failing ranks names the lowest of them; 0: nobody failed.
    const auto vote = par::max(*this, mine == nullptr ? 0 : size() - rank());
    if (vote == 0) return std::nullopt;
    const int lowest = size() - static_cast<int>(vote);
    std::string text;
    if (rank() == lowest) {
        Error error = *mine;
        error.rank = lowest;
        text = pack(std::move(error));
    }
    return unpack(par::broadcast(*this, text, lowest));
}

}  // namespace meterveil::par
