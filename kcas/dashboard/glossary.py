"""Page: the glossary."""

import streamlit as st

from kcas.dashboard import display
from kcas.reporting import words

paper = words.paper()
if paper:
    st.markdown(words.LINK.sub(r"\1", paper.partition("\n")[2]))  # the page has its own title; papers are not here
else:
    display.note("The glossary did not come with this installation. It is docs/glossary.md beside the source.")
