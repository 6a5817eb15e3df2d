import django.db.models.deletion
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [('lighthouse', '0001_initial')]
    operations = [
        migrations.CreateModel(
            name='Reading',
            fields=[
                ('id', models.BigAutoField(auto_created=True, primary_key=True, serialize=False, verbose_name='ID')),
                ('at', models.DateTimeField(db_index=True)),
                ('milliseconds', models.FloatField()),
                (
                    'beacon',
                    models.ForeignKey(on_delete=django.db.models.deletion.CASCADE, to='lighthouse.beacon'),
                ),
            ],
        ),
    ]
