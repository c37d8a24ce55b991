"""Headings and outcome words as suppliers print them, in English, German, French and Spanish.

Written from suppliers' documentation and reports, without a look at the synonyms that kcas knows.
"""

Words = dict[str, dict[str, tuple[str, ...]]]
"""Synonyms by language and role."""

CALLS: Words = {
    "en": {
        "id": ("Call ID", "Interaction ID", "Ref", "UniqueID", "Contact ID", "Session Id"),
        "queue": ("Queue", "Queue Name", "Service", "Skill Group", "Hunt group", "CSQ"),
        "moment": ("Call Start", "Date/Time", "Offered at", "Start Time", "Arrival time", "Created"),
        "day": ("Date", "Call Date", "Day", "Start date"),
        "clock": ("Time", "Call Time", "Start", "Time of call"),
        "wait": ("Wait Time", "Queue Time", "Time in queue", "Waiting", "Time to answer", "Wait duration"),
        "talk": ("Talk Time", "Conversation", "Speaking time", "Talk duration"),
        "hold": ("Hold Time", "On hold", "Holding time"),
        "wrap": ("Wrap up", "After call work", "ACW", "Wrap Time"),
        "agent": ("Agent", "Handled by", "Agent ID", "Answered by", "User"),
        "caller": ("Caller Number", "CLI", "ANI", "Phone number", "From"),
        "outcome": ("Result", "Outcome", "Disposition", "Call status", "Ended as"),
        "direction": ("Direction", "Call Type", "Type"),
        "answered at": ("Answered", "Answer time", "Connected"),
        "ended at": ("Ended", "End Time", "Disconnected"),
        "note": ("Notes", "Comment"),
        "leg": ("Leg", "Segment", "Attempt"),
    },
    "de": {
        "id": ("Anruf-ID", "Vorgangsnummer"),
        "queue": ("Warteschlange", "Hotline"),
        "moment": ("Anrufbeginn", "Beginn", "Zeitpunkt"),
        "day": ("Datum",),
        "clock": ("Uhrzeit",),
        "wait": ("Wartezeit", "Wartedauer"),
        "talk": ("Gesprächszeit", "Gesprächsdauer"),
        "hold": ("Haltezeit",),
        "wrap": ("Nachbearbeitung", "Nachbearbeitungszeit"),
        "agent": ("Agent", "Mitarbeiter"),
        "caller": ("Rufnummer", "Anrufer"),
        "outcome": ("Ergebnis", "Status"),
        "direction": ("Richtung", "Anrufart"),
        "answered at": ("Angenommen",),
        "ended at": ("Ende",),
        "note": ("Bemerkung",),
        "leg": ("Teilstrecke",),
    },
    "fr": {
        "id": ("Identifiant d'appel", "N° appel"),
        "queue": ("File d'attente", "Service"),
        "moment": ("Début d'appel", "Date et heure"),
        "day": ("Date",),
        "clock": ("Heure",),
        "wait": ("Temps d'attente", "Durée d'attente"),
        "talk": ("Durée de conversation", "Temps de conversation"),
        "hold": ("Mise en attente",),
        "wrap": ("Post-appel", "Temps de post-traitement"),
        "agent": ("Agent", "Conseiller"),
        "caller": ("Numéro appelant",),
        "outcome": ("Résultat", "Statut"),
        "direction": ("Sens", "Type d'appel"),
        "answered at": ("Décroché",),
        "ended at": ("Fin d'appel",),
        "note": ("Remarques",),
        "leg": ("Segment",),
    },
    "es": {
        "id": ("ID de llamada", "Identificador"),
        "queue": ("Cola", "Servicio"),
        "moment": ("Inicio de llamada", "Fecha y hora"),
        "day": ("Fecha",),
        "clock": ("Hora",),
        "wait": ("Tiempo de espera", "Espera"),
        "talk": ("Tiempo de conversación", "Duración de conversación"),
        "hold": ("Retención",),
        "wrap": ("Trabajo posterior",),
        "agent": ("Agente", "Operador"),
        "caller": ("Número de origen", "Teléfono"),
        "outcome": ("Resultado", "Estado"),
        "direction": ("Sentido", "Tipo de llamada"),
        "answered at": ("Contestada",),
        "ended at": ("Fin",),
        "note": ("Observaciones",),
        "leg": ("Tramo",),
    },
}

OUTCOMES: Words = {
    "en": {
        "answered": ("Answered", "Handled", "ANSWERED", "Connected to agent"),
        "abandoned": ("Abandoned", "Caller hung up in queue", "ABANDON", "Abandoned in queue"),
        "timed_out": ("Timed out", "Timeout", "TIMEOUT", "Queue timeout"),
        "voicemail": ("Voicemail", "Left voicemail", "VOICEMAIL", "Sent to voicemail"),
        "callback": ("Callback requested", "Callback", "CALLBACK", "Call back requested"),
        "overflowed": ("Overflowed", "Overflow", "OVERFLOW", "Overflowed to other queue"),
        "no_answer": ("No answer", "Agent did not answer", "RING NO ANSWER", "Not answered by agent"),
    },
    "de": {
        "answered": ("Angenommen", "Beantwortet"),
        "abandoned": ("Aufgelegt", "Abgebrochen"),
        "timed_out": ("Zeitüberschreitung",),
        "voicemail": ("Anrufbeantworter", "Voicemail"),
        "callback": ("Rückruf gewünscht", "Rückruf"),
        "overflowed": ("Übergelaufen", "Überlauf"),
        "no_answer": ("Nicht abgehoben",),
    },
    "fr": {
        "answered": ("Répondu", "Traité"),
        "abandoned": ("Abandonné", "Abandon"),
        "timed_out": ("Délai dépassé",),
        "voicemail": ("Messagerie vocale", "Boîte vocale"),
        "callback": ("Rappel demandé", "Rappel"),
        "overflowed": ("Débordement",),
        "no_answer": ("Non décroché",),
    },
    "es": {
        "answered": ("Atendida", "Contestada"),
        "abandoned": ("Abandonada", "Abandono"),
        "timed_out": ("Tiempo agotado",),
        "voicemail": ("Buzón de voz",),
        "callback": ("Devolución de llamada solicitada", "Devolución de llamada"),
        "overflowed": ("Desbordada", "Desborde"),
        "no_answer": ("Sin respuesta del agente",),
    },
}

DIRECTIONS: Words = {
    "en": {"in": ("Inbound", "Incoming"), "out": ("Outbound", "Outgoing"), "internal": ("Internal",)},
    "de": {"in": ("Eingehend",), "out": ("Ausgehend",), "internal": ("Intern",)},
    "fr": {"in": ("Entrant",), "out": ("Sortant",), "internal": ("Interne",)},
    "es": {"in": ("Entrante",), "out": ("Saliente",), "internal": ("Interna",)},
}

INTERVALS: Words = {
    "en": {
        "queue": ("Queue", "Queue Name", "Skill", "Split", "Service", "CSQ Name"),
        "moment": ("Interval Start", "Interval", "Start", "Period start"),
        "day": ("Date", "Day", "Row Date"),
        "clock": ("Time", "Interval", "Half hour", "Start time"),
        "offered": ("Calls Offered", "Offered", "Calls Presented", "Calls received", "Total calls offered"),
        "answered": ("Calls Answered", "Answered", "Calls Handled", "ACD Calls"),
        "abandoned": ("Calls Abandoned", "Abandoned", "Aban Calls", "Abandoned calls"),
        "asa": ("ASA", "Avg Speed of Answer", "Average Speed of Answer", "Avg speed ans"),
        "wait": ("Total wait of answered calls", "Total answer wait", "Total time to answer"),
        "ata": ("Avg Time to Abandon", "Average abandon time", "Avg Aban Time"),
        "aht": ("AHT", "Average Handle Time", "Avg Talk Time"),
        "abandoned share": ("Abandoned %", "% Abandoned", "Abandon Rate"),
        "service level": ("Service Level %", "SL %", "% within SL"),
    },
    "de": {
        "queue": ("Warteschlange",),
        "moment": ("Intervallbeginn", "Intervall"),
        "day": ("Datum",),
        "clock": ("Uhrzeit", "Zeit"),
        "offered": ("Angebotene Anrufe", "Eingehende Anrufe"),
        "answered": ("Angenommene Anrufe", "Beantwortete Anrufe"),
        "abandoned": ("Abgebrochene Anrufe", "Verlorene Anrufe"),
        "asa": ("Ø Wartezeit bis Annahme", "Mittlere Antwortzeit"),
        "wait": ("Summe Wartezeit angenommener Anrufe",),
        "ata": ("Ø Zeit bis Abbruch",),
        "aht": ("Ø Bearbeitungszeit",),
        "abandoned share": ("Abbruchquote",),
        "service level": ("Servicelevel",),
    },
    "fr": {
        "queue": ("File d'attente",),
        "moment": ("Début d'intervalle", "Intervalle"),
        "day": ("Date",),
        "clock": ("Heure",),
        "offered": ("Appels présentés", "Appels reçus"),
        "answered": ("Appels traités", "Appels répondus"),
        "abandoned": ("Appels abandonnés",),
        "asa": ("Délai moyen de réponse", "Temps moyen de réponse"),
        "wait": ("Attente totale des appels répondus",),
        "ata": ("Temps moyen avant abandon",),
        "aht": ("DMT",),
        "abandoned share": ("Taux d'abandon",),
        "service level": ("Niveau de service",),
    },
    "es": {
        "queue": ("Cola",),
        "moment": ("Inicio del intervalo", "Intervalo"),
        "day": ("Fecha",),
        "clock": ("Hora",),
        "offered": ("Llamadas ofrecidas", "Llamadas recibidas"),
        "answered": ("Llamadas atendidas", "Llamadas contestadas"),
        "abandoned": ("Llamadas abandonadas",),
        "asa": ("Tiempo medio de respuesta",),
        "wait": ("Espera total de llamadas atendidas",),
        "ata": ("Tiempo medio de abandono",),
        "aht": ("TMO",),
        "abandoned share": ("% abandono", "Tasa de abandono"),
        "service level": ("Nivel de servicio",),
    },
}

TITLES = {
    "en": ("Contact centre call report", "Period: {period}", "Generated by Report Writer 4.2 (invented figures)"),
    "de": ("Anrufbericht", "Zeitraum: {period}", "Erzeugt mit Berichtswesen 4.2 (erfundene Zahlen)"),
    "fr": ("Rapport des appels", "Période : {period}", "Produit par Rapports 4.2 (chiffres inventés)"),
    "es": ("Informe de llamadas", "Periodo: {period}", "Generado por Informes 4.2 (cifras inventadas)"),
}
GROUPS = {
    "en": ("Call", "Times"),
    "de": ("Anruf", "Zeiten"),
    "fr": ("Appel", "Temps"),
    "es": ("Llamada", "Tiempos"),
}
TOTAL = {"en": "Total", "de": "Gesamt", "fr": "Total", "es": "Total"}
CLOSING = {"en": "End of report", "de": "Ende des Berichts", "fr": "Fin du rapport", "es": "Fin del informe"}


def word(words: Words, language: str, role: str, wording: int) -> str:
    """The heading or word of a role; `wording` chooses among the synonyms."""
    found = words[language][role]
    return found[(wording + len(role)) % len(found)]
