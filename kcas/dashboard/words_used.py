"""What do the words mean? The project's glossary, as it is written."""

import streamlit as st

from kcas.dashboard import showing
from kcas.evidence import glossary

paper = glossary.paper()
if paper:
    st.markdown(glossary.LINK.sub(r"\1", paper.partition("\n")[2]))  # the page has its own title; papers are not here
else:
    showing.note("The glossary did not come with this installation. It is docs/glossary.md beside the source.")
