"""Price books: dated, sourced YAML, read and resolved to integer rates."""

from burncurve.prices.book import Band, Book, Exchange, Price, Window, pico
from burncurve.prices.multiples import contracted
from burncurve.prices.queries import Change, Quote, changes, price_at, quotes
from burncurve.prices.reading import load, shipped
from burncurve.prices.schedule import NO_TARIFF, PriceLine, Schedule, Tariff, schedule

__all__ = [
    "NO_TARIFF",
    "Band",
    "Book",
    "Change",
    "Exchange",
    "Price",
    "PriceLine",
    "Quote",
    "Schedule",
    "Tariff",
    "Window",
    "changes",
    "contracted",
    "load",
    "pico",
    "price_at",
    "quotes",
    "schedule",
    "shipped",
]
