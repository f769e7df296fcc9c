# reject: no-value
create_project small project
