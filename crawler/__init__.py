"""The crawler: fetches reports from government portals, politely and provably so."""
