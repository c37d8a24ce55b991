"""The dashboard, for `streamlit run app.py`. `kcas dashboard` starts the same one."""

from kcas.dashboard.app import run

run()
