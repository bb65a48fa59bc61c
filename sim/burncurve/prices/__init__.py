"""Price books: dated, sourced YAML, read and resolved to integer rates."""

from burncurve.prices.book import Band, Book, Exchange, Price, Window, pico
from burncurve.prices.queries import Change, Quote, changes, price_at, quotes
from burncurve.prices.reading import load, shipped

__all__ = [
    "Band",
    "Book",
    "Change",
    "Exchange",
    "Price",
    "Quote",
    "Window",
    "changes",
    "load",
    "pico",
    "price_at",
    "quotes",
    "shipped",
]
