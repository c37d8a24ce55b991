"""The Python library: stores, scenarios and typed results, as `import kcas` offers them."""
