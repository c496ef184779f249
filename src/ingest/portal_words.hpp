#pragma once
// What the words of exports mean: names of columns, directions, qualities. In English, Dutch, German, French, Italian and Spanish.

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "ingest/numbers.hpp"
#include "meterveil/model/ids.hpp"

namespace meterveil::ingest {

/// The words of a column's name, lower case. Example: words_of("StandNormaal (kWh)") == {"stand", "normaal", "kwh"}.
using Words = std::vector<std::string>;
Words words_of(std::string_view name);

/// A set of words, divided by blanks.
using WordList = std::string_view;
/// True if a word of `words` is in the list.
bool has_any(const Words& words, WordList list);

inline constexpr WordList
    energy_words =
        "energy energie energia usage consumption consumed kwh wh mwh verbruik verbruikt volume value waarde import imported export exported afname "
        "injectie injection offtake "
        "levering teruglevering terug returned return delivered received generation generated production produced solar feed load demand electricity "
        "elektriciteit electric "
        "stand meterstand reading read wert verbrauch zaehlerstand z\xc3\xa4hlerstand bezug einspeisung lieferung menge consumo vertida vertido "
        "immissione forbruk f\xc3\xb6rbrukning m\xc3\xa6ngde m\xc3\xa4\xc3\xa4r\xc3\xa4 wartosc warto\xc5\x9b\xc4\x87 valeur state ae as immissione "
        "prelievo consommation soutirage "
        "quantity totaldemand net kwhs",
    no_energy_words =
        "cost costs price amount kosten prijs preis prix costo eur euro usd gbp temp temperature weather humidity gas water m3 reactive kvarh kvar "
        "kva voltage current amps count "
        "carbon co2 quality status flag type units unit uom eenheid einheit description caloric factor code id name address datetime timestamp date "
        "time period from until start end "
        "tariff_rate rrp",
    register_words = "stand meterstand register cumulative zaehlerstand z\xc3\xa4hlerstand index odometer counter tellerstand lettura",
    total_words = "total totaal totale gesamt sum all",
    tariff_words =
        "1 2 3 4 t1 t2 t3 t4 tariff tarief low high laag hoog normal normaal normale dal peak piek off offpeak shoulder day night dag nacht hp hc ht "
        "nt a b c l1 l2 l3 phase users dutch main",
    end_words = "end until till til to tot bis fin fine einde eind ende stop hasta",
    record_words = "inserted insert modified updated update created loaded invoice bill billing received printed exported",
    time_words =
        "time timestamp datetime date datum day giorno tag fecha jour data moment period hour uur stunde heure ora tijd zeit zeitpunkt zeitstempel "
        "tstp timelocal settlementdate start begin from interval uhrzeit messzeitpunkt horodate alkuaika fra dato data dia changed bucket",
    hour_words = "hour uhrzeit uur stunde heure ora hora time tijd zeit hr he",
    meter_words =
        "m\xc3\xa5lepunkts m\xc3\xa5lepunktsid m\xc3\xa5lepunkt mittauspisteen entity ean mpan mprn nmi pod cups esi prm pdl malo melo gsrn "
        "zaehlpunkt z\xc3\xa4hlpunkt messlokation lclid meterid esiid",
    device_words = "meter serial device sensor meternummer zaehler z\xc3\xa4hler household customer consumer site installation",
    register_name_words = "register registercode obis code tariff tarief channel suffix",
    quality_words =
        "kvalitet qualit\xc3\xa4t qualitaet laatu obtencion estimado quality qualityflag validation validatie status flag estimated notes note "
        "comment comments remark remarks",
    unit_words = "m\xc3\xa5leenhed yksikk\xc3\xb6tyyppi unite unit\xc3\xa9 unit units uom eenheid einheit unita unidad",
    length_words = "resoluutio interval duration resolution length", kind_words = "type commodity product fuel service medium utility energietype",
    direction_words = "direction channel flow type category richting rodzaj", factor_words = "factor multiplier faktor facteur",
    summer_words = "dst summer zomertijd sommerzeit summertime timezone tz zone offset";

/// Import or export, where a text says so: "Offtake Night", "Injection", "TerugleveringDal", "1-0:2.8.1", "00004#E1", "A-".
std::optional<model::Channel> direction_of(std::string_view text);

/// A unit of energy or power in a text; its words may be divided: "Real energy in kilowatt-hours".
std::optional<UnitWord> unit_within(std::string_view text);

/// True for the suffix of a register of reactive energy: "00004#Q1".
bool is_reactive_register(std::string_view text);

/// What a status or a note says of a value. Example: quality_of("* This data was estimated") == estimated; measured if in doubt.
model::Quality quality_of(std::string_view text);
/// The column of a plain long table that flags its values, by its name; the first of them.
std::optional<std::size_t> quality_column(const std::vector<std::string>& names);

/// True for what a column of kinds of supply says of gas, water or heat.
bool is_other_supply(std::string_view text);
/// True for what it says of electricity.
bool is_electric(std::string_view text);

/// True for a cell that says that there is no value: what says_missing takes, "--", "n.a.", "no data".
bool says_nothing(std::string_view text);

/// The kind of personal data that a name stands for: "names", "addresses", "account numbers", ...; empty: none that is known.
std::string personal_kind(const Words& words);

/// Without the "=" and the quotes that make a spreadsheet keep a number as text: ="0123".
std::string_view without_formula(std::string_view text);

}  // namespace meterveil::ingest
